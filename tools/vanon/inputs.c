/* SPDX-License-Identifier: Apache-2.0 */
#include "inputs.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Whose names make a file of a folder an input. */
static const char *const endings[] = {
    "264",  "265", "3g2",  "3gp",   "apng", "asf",  "avi",  "avif", "bmp",  "dv",
    "f4v",  "flv", "gif",  "h264",  "h265", "hevc", "ivf",  "jpe",  "jpeg", "jpg",
    "m2ts", "m2v", "m4v",  "mjpeg", "mjpg", "mkv",  "mov",  "mp4",  "mpeg", "mpg",
    "mts",  "mxf", "nut",  "obu",   "ogg",  "ogm",  "ogv",  "png",  "qt",   "rm",
    "rmvb", "tif", "tiff", "ts",    "vob",  "webm", "webp", "wmv",  "wtv",  "y4m",
};

/* What the search is made with. */
struct search {
    struct tool_inputs *inputs;
    vanon_options *options;
    const vanon_log *log;
    enum vanon_job_mode mode;
    char *folder;                                  /* of the results; NULL: beside the inputs */
    char *reports;                                 /* folder; NULL: none are wanted */
    bool folder_is_doubtful, reports_are_doubtful; /* see take_folder */
    bool folder_is_there;
    struct stat folder_stat;
};

static bool is_folder(const char *path)
{
    struct stat there;

    return !strstr(path, "://") && !stat(path, &there) && S_ISDIR(there.st_mode);
}

bool tool_inputs_are_many(const struct tool_request *request, const vanon_options *options)
{
    char *input = tool_get(options, "input");
    bool many = request->input_count > 1 || (input && is_folder(input));

    free(input);
    return many;
}

/* Results */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* "a/b", or what of both is not empty; NULL: no memory. */
static char *join(const char *folder, const char *name)
{
    char *path;

    return asprintf(&path, "%s%s%s", folder, *folder && *name ? "/" : "", name) < 0 ? NULL : path;
}

static int add(struct search *search, const char *path, struct tool_input **added)
{
    struct tool_inputs *inputs = search->inputs;

    if (inputs->count == inputs->capacity) {
        size_t capacity = inputs->capacity ? 2 * inputs->capacity : 64;
        struct tool_input *list = realloc(inputs->list, capacity * sizeof *list);

        if (!list)
            return VANON_ERR_MEMORY;
        inputs->list = list;
        inputs->capacity = capacity;
    }
    *added = &inputs->list[inputs->count++];
    **added = (struct tool_input){.path = strdup(path), .output = strdup(""), .report = strdup("")};
    return (*added)->path && (*added)->output && (*added)->report ? VANON_OK : VANON_ERR_MEMORY;
}

static int name_report(const struct search *search, struct tool_input *input, const char *below)
{
    char *folder = join(search->reports, below), *report = NULL;

    if (folder && asprintf(&report, "%s/%s.json", folder, base_name(input->path)) < 0)
        report = NULL;
    free(folder);
    if (!report)
        return VANON_ERR_MEMORY;
    free(input->report);
    input->report = report;
    return VANON_OK;
}

/* Adds a file; `below` is where it lies in the folder that is walked, "" at its top or for none. */
static int add_file(struct search *search, const char *path, const char *below)
{
    struct tool_input *input = NULL;
    char *folder = search->folder ? join(search->folder, below) : NULL, *output = NULL;
    int status = search->folder && !folder ? VANON_ERR_MEMORY : add(search, path, &input);

    if (!status)
        status = vanon_options_set(search->options, "input", path);
    if (!status)
        output = vanon_job_default_output(search->options, search->mode, folder);
    free(folder);
    if (!output)
        return status ? status : VANON_ERR_MEMORY;
    free(input->output);
    input->output = output;
    return search->reports ? name_report(search, input, below) : VANON_OK;
}

/* Folders */

static bool has_ending(const char *name, const char *const *list, size_t count)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < count; i++)
        if (!strcasecmp(dot + 1, list[i]))
            return true;
    return false;
}

static bool is_media(const char *name)
{
    return has_ending(name, endings, sizeof endings / sizeof *endings);
}

/* True for a name that one would give to a result. */
static bool is_named_as_file(const char *path)
{
    static const char *const others[] = {"json", "jsonl"};
    const char *name = base_name(path);

    return is_media(name) || has_ending(name, others, sizeof others / sizeof *others);
}

/* True for what a call without an output has made: "clip.anonymized.mp4". */
static bool is_result(const char *name)
{
    static const char middle[] = ".anonymized";
    const size_t length = sizeof middle - 1;
    const char *dot = strrchr(name, '.');

    return (size_t)(dot - name) > length && !strncmp(dot - length, middle, length);
}

static int compare_entries(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Hidden folders, and that of the results, are not walked. */
static bool is_left_out(const struct search *search, const FTSENT *entry)
{
    const struct stat *of_results = &search->folder_stat;

    if (entry->fts_level == FTS_ROOTLEVEL)
        return false;
    return entry->fts_name[0] == '.' ||
           (search->folder_is_there && entry->fts_statp->st_dev == of_results->st_dev &&
            entry->fts_statp->st_ino == of_results->st_ino);
}

static int take_file(struct search *search, const FTSENT *entry, size_t root_length)
{
    struct stat target;
    char *below;
    int status;

    if (entry->fts_name[0] == '.')
        return VANON_OK;
    if (entry->fts_info == FTS_SL &&
        (stat(entry->fts_accpath, &target) || !S_ISREG(target.st_mode)))
        return VANON_OK; /* links to folders may lead round in a circle */
    if (!is_media(entry->fts_name) || (entry->fts_info != FTS_F && entry->fts_info != FTS_SL)) {
        search->inputs->others++;
        return VANON_OK;
    }
    if (is_result(entry->fts_name)) {
        search->inputs->results++;
        return VANON_OK;
    }
    below = strdup(entry->fts_path + root_length + 1);
    if (!below)
        return VANON_ERR_MEMORY;
    below[base_name(below) - below] = '\0';
    if (*below)
        below[strlen(below) - 1] = '\0'; /* the slash */
    status = add_file(search, entry->fts_path, below);
    free(below);
    return status;
}

/* A folder, or what is in it, that can't be looked at. */
static int take_failure(struct search *search, const FTSENT *entry)
{
    struct tool_input *input;
    int status = add(search, entry->fts_path, &input);

    if (status)
        return status;
    tool_message(search->log, VANON_LOG_ERROR, "input %s: can't be read: %s", entry->fts_path,
                 strerror(entry->fts_errno));
    input->status = VANON_ERR_IO;
    return VANON_OK;
}

static int take_entry(struct search *search, FTS *walk, FTSENT *entry, size_t root_length)
{
    switch (entry->fts_info) {
    case FTS_D:
        if (is_left_out(search, entry))
            fts_set(walk, entry, FTS_SKIP);
        return VANON_OK;
    case FTS_DP: /* the way back up */
    case FTS_DC: /* a circle */
        return VANON_OK;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return take_failure(search, entry);
    default:
        return take_file(search, entry, root_length);
    }
}

static int walk_folder(struct search *search, const char *folder)
{
    char *root = strdup(folder), *const roots[] = {root, NULL};
    FTSENT *entry = NULL;
    int status = VANON_ERR_MEMORY;
    size_t length;
    FTS *walk;

    if (!root)
        return status;
    for (length = strlen(root); length > 1 && root[length - 1] == '/';)
        root[--length] = '\0';
    if (length == 1 && root[0] == '/')
        length = 0;
    walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, compare_entries);
    if (walk)
        status = VANON_OK;
    while (!status && (entry = fts_read(walk)))
        status = take_entry(search, walk, entry, length);
    if (walk)
        fts_close(walk);
    free(root);
    return status;
}

/* What would go wrong for sure */

/* Something that will be written or read, under a name that is the same for the same file. */
struct place {
    char *name;
    const struct tool_input *input;
};

/* The path with its folder's links resolved, as far as that is there. */
static char *settle(const char *path)
{
    const char *name = base_name(path);
    char *folder = name > path ? strndup(path, (size_t)(name - path)) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL, *settled;

    settled = real ? join(strcmp(real, "/") ? real : "/.", name) : folder ? strdup(path) : NULL;
    free(folder);
    free(real);
    return settled;
}

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

static int refuse_same(const struct place *place, const vanon_log *log)
{
    tool_message(log, VANON_LOG_ERROR,
                 "%s and %s would both be written to %s; give them in two "
                 "calls",
                 place[0].input->path, place[1].input->path, place[0].name);
    return VANON_ERR_EXISTS;
}

static int check_results(const struct tool_inputs *inputs, const vanon_log *log)
{
    struct place *places = calloc(2 * inputs->count, sizeof *places);
    int status = places ? VANON_OK : VANON_ERR_MEMORY;
    size_t count = 0;

    for (size_t i = 0; !status && i < 2 * inputs->count; i++) {
        const struct tool_input *input = &inputs->list[i / 2];
        const char *path = i % 2 ? input->report : input->output;

        if (!*path)
            continue;
        places[count] = (struct place){settle(path), input};
        if (!places[count++].name)
            status = VANON_ERR_MEMORY;
    }
    if (!status)
        qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 1; !status && i < count; i++)
        if (!strcmp(places[i - 1].name, places[i].name))
            status = refuse_same(&places[i - 1], log);
    for (size_t i = 0; i < count; i++)
        free(places[i].name);
    free(places);
    return status;
}

struct file_id {
    dev_t device;
    ino_t number;
};

static int compare_ids(const void *a, const void *b)
{
    const struct file_id *one = a, *other = b;

    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    return (one->number > other->number) - (one->number < other->number);
}

static bool identify(const char *path, struct file_id *id)
{
    struct stat there;

    if (!*path || stat(path, &there))
        return false;
    *id = (struct file_id){there.st_dev, there.st_ino};
    return true;
}

/* An output in place of an input would be lost, were it not made yet. */
static int check_inputs(const struct tool_inputs *inputs, const vanon_log *log)
{
    struct file_id *ids = calloc(inputs->count, sizeof *ids), id;
    int status = ids ? VANON_OK : VANON_ERR_MEMORY;
    size_t count = 0;

    for (size_t i = 0; !status && i < inputs->count; i++)
        count += identify(inputs->list[i].path, &ids[count]);
    if (!status)
        qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 0; !status && i < inputs->count; i++) {
        const char *output = inputs->list[i].output;

        if (!identify(output, &id) || !bsearch(&id, ids, count, sizeof *ids, compare_ids))
            continue;
        tool_message(log, VANON_LOG_ERROR, "output %s: is an input itself", output);
        status = VANON_ERR_EXISTS;
    }
    free(ids);
    return status;
}

/* Who names several results like one file expects something else of them than a folder. */
static int check_name(const struct search *search, const char *key, const char *folder,
                      bool doubtful)
{
    if (!doubtful || !is_named_as_file(folder))
        return VANON_OK;
    tool_message(search->log, VANON_LOG_ERROR,
                 "%s %s: is named like a file; several inputs, or a folder, need a folder: %s/ "
                 "makes one of this name",
                 key, folder, folder);
    return VANON_ERR_OPTION;
}

static int check_found(const struct search *search, const struct tool_request *request)
{
    const struct tool_inputs *inputs = search->inputs;
    int status;

    if (!inputs->count) {
        tool_message(search->log, VANON_LOG_ERROR,
                     "input %s: no media file by name in it; %zu others, %zu anonymised already",
                     request->input_count ? request->inputs[0] : "", inputs->others,
                     inputs->results);
        return VANON_ERR_INPUT;
    }
    status = check_name(search, "output", search->folder, search->folder_is_doubtful);
    if (!status)
        status = check_name(search, "report", search->reports, search->reports_are_doubtful);
    if (!status)
        status = check_results(inputs, search->log);
    return status ? status : check_inputs(inputs, search->log);
}

/* The call as a whole */

static int refuse(const vanon_log *log, int status, const char *what, const char *why)
{
    tool_message(log, VANON_LOG_ERROR, "%s%s", what, why);
    return status;
}

static int check_call(const struct search *search, const struct tool_request *request)
{
    char *sidecar = tool_get(search->options, "sidecar");
    bool replay = sidecar && *sidecar;

    free(sidecar);
    if (!sidecar)
        return VANON_ERR_MEMORY;
    if (replay)
        return refuse(search->log, VANON_ERR_OPTION, "sidecar: ",
                      "one file of people fits one input, and here are several or a folder");
    if (search->folder && !strcmp(search->folder, "-"))
        return refuse(search->log, VANON_ERR_OPTION, "output: ",
                      "standard output takes one input's result, and here are several or a folder");
    for (size_t i = 0; i < request->input_count; i++)
        if (!strcmp(request->inputs[i], "-"))
            return refuse(search->log, VANON_ERR_OPTION,
                          "input: ", "standard input has no name, and can't be one of several");
    return VANON_OK;
}

/* The option's value; NULL where it is empty. A file can't be a folder of results. `doubtful`: it
 * is not there, and no slash behind its name says that it is to be a folder. */
static int take_folder(const struct search *search, const char *key, char **folder, bool *doubtful)
{
    char *value = tool_get(search->options, key);
    struct stat there;

    *doubtful = false;
    if (!value)
        return VANON_ERR_MEMORY;
    if (!*value) {
        free(value);
        return VANON_OK;
    }
    *doubtful = stat(value, &there) && value[strlen(value) - 1] != '/';
    for (size_t length = strlen(value); length > 1 && value[length - 1] == '/';)
        value[--length] = '\0';
    *folder = value;
    if (!strcmp(value, "-") || stat(value, &there) || S_ISDIR(there.st_mode))
        return VANON_OK;
    tool_message(search->log, VANON_LOG_ERROR,
                 "%s %s: is no folder; several inputs, or a folder, need one", key, value);
    return VANON_ERR_EXISTS;
}

static int find(struct search *search, const struct tool_request *request)
{
    char *configured = tool_get(search->options, "input");
    const char *const *list = request->inputs;
    size_t count = request->input_count;
    const char *only = configured;
    int status = configured ? VANON_OK : VANON_ERR_MEMORY;

    if (!count) { /* of a configuration */
        list = &only;
        count = 1;
    }
    for (size_t i = 0; i < count && !status; i++)
        status = is_folder(list[i]) ? walk_folder(search, list[i]) : add_file(search, list[i], "");
    free(configured);
    return status;
}

int tool_inputs_find(struct tool_inputs *inputs, const struct tool_request *request,
                     vanon_options *options, const vanon_log *log)
{
    struct search search = {.inputs = inputs, .options = options, .log = log};
    int status;

    search.mode = tool_mode(request->command);
    status = take_folder(&search, "output", &search.folder, &search.folder_is_doubtful);
    if (!status)
        status = take_folder(&search, "report", &search.reports, &search.reports_are_doubtful);
    if (!status)
        status = check_call(&search, request);
    search.folder_is_there = !status && search.folder && !stat(search.folder, &search.folder_stat);
    if (!status)
        status = vanon_options_set(options, "output", "");
    if (!status)
        status = find(&search, request);
    if (!status)
        status = check_found(&search, request);
    free(search.folder);
    free(search.reports);
    return status;
}

void tool_inputs_free(struct tool_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        free(inputs->list[i].path);
        free(inputs->list[i].output);
        free(inputs->list[i].report);
    }
    free(inputs->list);
    *inputs = (struct tool_inputs){0};
}
