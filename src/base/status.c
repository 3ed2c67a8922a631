/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/status.h>

#define STRING(x)        #x
#define VERSION(a, b, c) STRING(a) "." STRING(b) "." STRING(c)

const char *vanon_version(void)
{
    return VERSION(VANON_VERSION_MAJOR, VANON_VERSION_MINOR, VANON_VERSION_PATCH);
}

const char *vanon_status_text(int status)
{
    switch (status) {
    case VANON_OK:
        return "done";
    case VANON_ERR_AGAIN:
        return "not yet: try again";
    case VANON_ERR_EOF:
        return "end";
    case VANON_ERR_ARGUMENT:
        return "wrong argument";
    case VANON_ERR_STATE:
        return "call in the wrong order";
    case VANON_ERR_MEMORY:
        return "out of memory";
    case VANON_ERR_OPTION:
        return "wrong option";
    case VANON_ERR_IO:
        return "input or output failed";
    case VANON_ERR_EXISTS:
        return "the output exists";
    case VANON_ERR_INPUT:
        return "the input can't be used";
    case VANON_ERR_DAMAGED:
        return "the input is damaged";
    case VANON_ERR_UNSUPPORTED:
        return "not supported";
    case VANON_ERR_MODEL:
        return "the model can't be used";
    case VANON_ERR_INFERENCE:
        return "inference failed";
    case VANON_ERR_CANCELLED:
        return "cancelled";
    case VANON_ERR_NOBODY:
        return "nobody found";
    case VANON_ERR_STALLED:
        return "the network does not answer any more";
    case VANON_ERR_SHOWS:
        return "something still shows";
    case VANON_ERR_INTERNAL:
        return "internal fault";
    default:
        return "unknown status";
    }
}
