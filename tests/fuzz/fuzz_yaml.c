/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are a file of options; whatever it sets can be printed. */
#include "fuzz.h"

#include "options/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vanon_options *options;
    char text[4096];

    assert_int_equal(vanon_options_create(&options, &fuzz_log), VANON_OK);
    if (!vanon_options_load(options, fuzz_file(data, size)))
        for (size_t i = 0; i < vanon_option_row_count; i++)
            assert_true(
                vanon_options_get(options, vanon_option_rows[i].info.key, text, sizeof text) >= 0);
    vanon_options_check(options);
    vanon_options_destroy(&options);
    return 0;
}
