/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char tool_summary[] = "hide parts of people in video";

const char *const tool_usages[] = {
    "vanon [options] INPUT -o OUTPUT",
    "vanon [options] INPUT... -o FOLDER",
    "vanon detect [options] INPUT -o PEOPLE.jsonl",
    "vanon apply [options] INPUT PEOPLE.jsonl -o OUTPUT",
    "vanon explain [options] INPUT --frame N [-o PICTURE.png]",
    "vanon verify [options] ORIGINAL OUTPUT [--sheet PICTURE.png]",
    "vanon info [--json]",
    "vanon help [TOPIC]",
    "vanon --help [TOPIC] | --version | --dump-config",
    NULL,
};

const char *const tool_description[] = {
    "Hides parts of people in a video, eyes and elbows if nothing else is said, and leaves the "
    "rest of the file as it was.",
    "A value follows its option or an equals sign: --parts eyes, --parts=eyes. --no-NAME turns a "
    "switch off that a configuration turned on. After -- all is INPUT.",
    "With several inputs, or a folder, -o names a folder. Names are kept, and below it the tree of "
    "a folder; of its files those with a usual ending are taken, but for hidden ones and for "
    "results of this program. One that fails stops no other, and the exit code is that of the "
    "first "
    "that failed. --json prints one line for each, --report names a folder, too.",
    "INPUT - reads standard input, -o - writes standard output; --format names the container. What "
    "a pipe has got can't be taken back: only exit code 0 says that it is complete.",
    NULL,
};

const char *const tool_examples[] = {
    "vanon in.mp4 -o out.mp4",
    "vanon --parts eyes --style solid --safety-margin 20 in.mp4 -o out.mp4",
    "vanon --config configs/cpu_optimized.yaml in.mkv -o out.mkv",
    "vanon --codec ffv1 --report report.json in.mkv -o out.mkv",
    "vanon --start 1:30 --duration 20 in.mp4 -o part.mp4",
    "vanon clips/ more.mkv -o anonymised/",
    "producer | vanon - -o - --format matroska | player",
    "vanon detect in.mp4 -o people.jsonl",
    "vanon apply in.mp4 people.jsonl -o out.mp4",
    "vanon explain in.mp4 --frame 120",
    "vanon verify in.mp4 out.mp4 --sheet worst.png",
    "vanon --strict in.mp4 -o out.mp4",
    "vanon info",
    "vanon help parts",
    NULL,
};

static const struct tool_word commands[] = {
    {"detect",
     "Writes where people are, a JSON object a line, for vanon apply; the file holds no pictures, "
     "and can be edited.",
     "--with-regions adds the shapes that would be hidden."},
    {"apply",
     "Hides what a file of vanon detect says, as it is or edited, without looking for people "
     "again: "
     "vanon apply INPUT PEOPLE.jsonl -o OUTPUT.",
     "A file that was made from another video, or is not complete, is refused. docs/sidecar.md "
     "tells how to edit one."},
    {"explain",
     "Tells why each shape of one frame is there: whose it is, which part, seen in this frame or "
     "filled in, with what score; and draws it: vanon explain INPUT --frame 120.",
     "The picture, beside the input if -o names none, shows the input's frame with boxes, joints, "
     "ids and shapes, and hides nothing. --json prints the words for a program."},
    {"verify",
     "Looks whether something that should be hidden still shows in a finished output, with a "
     "larger "
     "network input and a lower threshold than a run has: vanon verify ORIGINAL OUTPUT, with the "
     "options of the run.",
     "Of each joint of the chosen parts it compares the fine detail around it. Tells the worst "
     "places first; --sheet draws them, --json prints them for a program. Exit code 8: something "
     "shows for certain; what closer looks don't confirm is told as doubtful. --strict verifies an "
     "output before it gets its name."},
    {"info",
     "Tells what this machine and build can do: devices, model, encoders, decoders, containers, "
     "and what to install for what is missing.",
     "--json prints it for a program. The exit code is 0 even where something is missing."},
    {"help", "Prints what --help prints: vanon help styles.", ""},
    {NULL, NULL, NULL},
};

static const struct tool_word parts[] = {
    {"eyes", "Eyes with their sockets and brows; hidden if nothing else is said.",
     "An ellipse at each eye, in a grown person some 63 by 48 mm. Its measure is the distance "
     "between the eyes seen from the front; of a head that is turned, the distance from eye to "
     "ear or nose."},
    {"elbows", "Elbows; hidden if nothing else is said.",
     "A circle at each; its radius is half of the forearm, 12 pixels at least, 20 where the wrist "
     "is unseen."},
    {"face", "The face from hairline to chin.",
     "An ellipse along the line of the eyes, around all that is seen of eyes, ears and nose. A "
     "face that is turned away is not hidden; head is."},
    {"head", "The whole head with its hair, from every side.",
     "A circle with a radius of some 14 cm about the middle between eyes and ears; where no face "
     "shows, above the shoulders."},
    {"shoulders", "Shoulders.", "A circle at each; its radius is 6.5 % of the person's stature."},
    {"hands", "Hands with wrist and fingers.",
     "A circle beyond each wrist, away from the elbow; its radius is 10 % of the person's stature. "
     "Larger, and about the wrist, where the elbow is unseen."},
    {"hips", "Hips.", "A circle at each; its radius is 8 % of the person's stature."},
    {"knees", "Knees.", "A circle at each; its radius is 6 % of the person's stature."},
    {"feet", "Feet with ankles and shoes.",
     "A circle beyond each ankle, away from the knee; its radius is 11.5 % of the person's "
     "stature. Larger, and about the ankle, where the knee is unseen."},
    {"arms", "Arms from the shoulder on, with the hands.",
     "Capsules along upper arm and forearm. Where a joint is unseen, a circle that holds the "
     "missing segment wherever it points."},
    {"legs", "Legs from the hip on, with the feet.",
     "Capsules along thigh and lower leg. Where a joint is unseen, a circle that holds the "
     "missing segment wherever it points."},
    {"body", "All of the person.",
     "Head, limbs and trunk along the joints where all of them are seen; else the person's box, "
     "5 % wider on each side."},
    {"all", "Every part.", "The shapes of all parts together."},
    {NULL, NULL, NULL},
};

static const struct tool_word styles[] = {
    {"mosaic",
     "Cells, each the mean of what lies below it, that run into each other; used if nothing else "
     "is said.",
     "Six cells at most across the shape's longest side, none smaller than mosaic_block, so that "
     "large regions get large cells. In a video the means are taken once and then held, so that "
     "many frames show no more than one. Coarse shading is left, which can help who wants to "
     "recognise somebody."},
    {"pixelate", "The same as mosaic, by another name.", ""},
    {"gaussian", "A mosaic blurred by a Gaussian kernel, softer to look at.",
     "The kernel is half as long as the region, 25 pixels at least, or blur_kernel; nothing finer "
     "than the mosaic's cells is left. About as safe as mosaic. With exact_styles the picture "
     "itself is blurred, which can be undone."},
    {"boxblur", "A mosaic blurred by a box, the mean of a square around each pixel.",
     "Strength and safety as gaussian has them."},
    {"solid", "Painted black.",
     "The safest: nothing of what was below is left, only where it was and how it moved. It has "
     "no strength to set."},
    {NULL, NULL, NULL},
};

static const struct tool_word pipelines[] = {
    {"cpu-gpu", "Each stage works on its own thread; used if nothing else is said.",
     "A good choice for most machines."},
    {"batch", "Large batches and few threads.", "For devices that like many frames at once."},
    {"ultra", "Everything on: batches, many threads.", "The most memory. speed is another name."},
    {"speed", "The same as ultra, by another name.", ""},
    {"multithread", "Whole frames on each thread.", "For processors with many cores."},
    {NULL, NULL, NULL},
};

const struct tool_topic tool_topics[] = {
    {"commands", "Command", "What vanon does where the first word is not an input:", NULL, NULL,
     commands},
    {"parts", "Part",
     "Parts of a person that can be hidden. Each gets safety_margin_px more on every side, and is "
     "wider where its joints are uncertain.",
     "parts", "vanon in.mp4 -o out.mp4 --parts ", parts},
    {"styles", "Style", "How a part can be hidden.", "style", "vanon in.mp4 -o out.mp4 --style ",
     styles},
    {"pipelines", "Pipeline", "How the work can be spread. None of them changes a pixel.",
     "pipeline", "vanon in.mp4 -o out.mp4 --pipeline ", pipelines},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

/* Examples that can't be derived: values that are free text or a list, and lines of their own. */
static const struct {
    const char *key, *value, *line;
} own_examples[] = {
    {"config", "cpu.yaml", "vanon --config cpu.yaml in.mp4 -o out.mp4"},
    {"help", "parts", NULL},
    {"completion", "bash", NULL},
    {"input", "in.mp4", "vanon --input in.mp4 -o out.mp4"},
    {"output", "out.mp4", "vanon in.mp4 --output out.mp4"},
    {"report", "report.json", NULL},
    {"keep_person", "3,7", NULL},
    {"only_person", "3", NULL},
    {"region", "40,40,200,80@0-12.5", NULL},
    {"zone_leave", "0,0,320,720", NULL},
    {"zone_hide", "320,0,960,720", NULL},
    {"hide_span", "1:10-2:00", NULL},
    {"with_regions", "", "vanon detect --with-regions in.mp4 -o people.jsonl"},
    {"json", "", "vanon info --json"},
    {"sheet", "worst.png", "vanon verify in.mp4 out.mp4 --sheet worst.png"},
    {"frame", "120", "vanon explain in.mp4 --frame 120"},
    {"detector", "replay", "vanon --detector replay --sidecar people.jsonl in.mp4 -o out.mp4"},
    {"sidecar", "people.jsonl", "vanon --detector replay --sidecar people.jsonl in.mp4 -o out.mp4"},
    {"pose_model", "yolov8m-pose.onnx", NULL},
    {"eye_cascade", "eyes.xml", "vanon --eye-detector haar --eye-cascade eyes.xml in.mp4"},
    {"face_cascade", "faces.xml", "vanon --eye-detector haar --face-cascade faces.xml in.mp4"},
    {"format", "matroska", "vanon --format matroska in.mp4 -o -"},
    {"input_format", "mpegts", "vanon --input-format mpegts - -o out.mp4"},
    {"start", "1:30", NULL},
    {"duration", "10", NULL},
    {"parts", "face,hands", NULL},
    {"style", "face=solid,hands=gaussian", NULL},
    {"codec", "ffv1", NULL},
    {"preset", "slow", NULL},
    {"crf", "18", NULL},
    {"pixel_format", "yuv420p", NULL},
};

static bool is_own(const vanon_option_info *option)
{
    const vanon_option_info *info;

    for (size_t i = 0; (info = tool_option_table(i)); i++)
        if (info == option)
            return true;
    return false;
}

/* True where the option takes any text. */
static bool is_text(const vanon_option_info *option)
{
    return vanon_option_allowed(option->key, NULL, 0) <= 0;
}

/* True where the option takes the text and it is not what the option has anyway. */
static bool is_change(const vanon_option_info *option, const char *value)
{
    vanon_options *options = NULL;
    bool taken = strcmp(value, option->initial) != 0 && !vanon_options_create(&options, NULL) &&
                 !vanon_options_set(options, option->key, value);

    vanon_options_destroy(&options);
    return taken;
}

static bool try_value(struct tool_example *example, const vanon_option_info *option,
                      const char *value)
{
    bool taken = is_change(option, value);

    if (taken)
        snprintf(example->value, sizeof example->value, "%s", value);
    return taken;
}

/* A word, or a number that the option takes, other than its default; else what stands for it. */
static void derive_value(struct tool_example *example, const vanon_option_info *option)
{
    static const char *const numbers[] = {"1280", "8", "31", "0.5", "1"};
    double initial = strtod(option->initial, NULL);
    const char *word;
    char number[32];

    for (size_t i = 0; (word = vanon_option_word(option->key, i)); i++)
        if (strcmp(word, "auto") && try_value(example, option, word))
            return;
    for (double factor = 2; initial > 0 && factor >= 0.5; factor /= 4) {
        snprintf(number, sizeof number, "%g", initial * factor);
        if (try_value(example, option, number))
            return;
    }
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (!is_text(option) && try_value(example, option, numbers[i]))
            return;
    snprintf(example->value, sizeof example->value, "%s", option->value);
}

void tool_make_example(struct tool_example *example, const vanon_option_info *option)
{
    const char *line = NULL;
    bool known = !option->value;

    *example = (struct tool_example){0};
    for (size_t i = 0; i < COUNT(own_examples); i++)
        if (!strcmp(option->key, own_examples[i].key)) {
            snprintf(example->value, sizeof example->value, "%s", own_examples[i].value);
            line = own_examples[i].line;
            known = true;
        }
    if (!known)
        derive_value(example, option);
    if (line)
        snprintf(example->line, sizeof example->line, "%s", line);
    else
        snprintf(example->line, sizeof example->line, "vanon%s --%s%s%s",
                 is_own(option) ? "" : " in.mp4 -o out.mp4", option->flag,
                 *example->value ? " " : "", example->value);
}

bool tool_is_line_of(const char *line, const char *command)
{
    static const char program[] = "vanon ";
    const char *behind = line + sizeof program - 1;
    size_t length = strlen(command);

    return length && !strncmp(line, program, sizeof program - 1) &&
           !strncmp(behind, command, length) && (!behind[length] || behind[length] == ' ');
}

const char *tool_usage_of(const char *command)
{
    for (size_t i = 0; tool_usages[i]; i++)
        if (tool_is_line_of(tool_usages[i], command))
            return tool_usages[i];
    return tool_usages[0];
}

size_t tool_first_sentence(const char *text)
{
    const char *end = strstr(text, ". ");

    return end ? (size_t)(end - text) : strlen(text) - (*text && text[strlen(text) - 1] == '.');
}
