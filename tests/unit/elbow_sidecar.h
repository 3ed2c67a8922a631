/* SPDX-License-Identifier: Apache-2.0 */
/* A sidecar of people of whom nothing but an elbow is known; after unit.h. */
#ifndef VANON_TESTS_ELBOW_SIDECAR_H
#define VANON_TESTS_ELBOW_SIDECAR_H

struct elbow_sidecar {
    const char *path;
    int width, height; /* of the frames */
    int x, y; /* of the left elbow, in the first frame; it moves by one, over eight frames */
    int right, bottom; /* of the person's box, which begins at 5, 5 */
};

/* Writes it for so many frames. */
static inline void write_elbow_sidecar(const struct elbow_sidecar *sidecar, int frames)
{
    FILE *file = fopen(sidecar->path, "w");

    assert_non_null(file);
    fprintf(file,
            "{\"vanon\":1,\"source\":\"x\",\"width\":%d,\"height\":%d,\"time_base\":[1,25],"
            "\"rotation\":0,\"sar\":[1,1],\"options\":{}}\n",
            sidecar->width, sidecar->height);
    for (int i = 0; i < frames; i++) {
        fprintf(file,
                "{\"frame\":%d,\"pts\":%d,\"objects\":[{\"id\":0,\"class\":\"person\",\"score\":0."
                "9,\"seen\":true,\"box\":[5,5,%d,%d],\"keypoints\":[",
                i, i, sidecar->right, sidecar->bottom);
        for (int joint = 0; joint < 17; joint++)
            fprintf(file, "%s[%d,%d,%g]", joint ? "," : "", joint == 7 ? sidecar->x + i % 8 : 0,
                    joint == 7 ? sidecar->y : 0, joint == 7 ? 0.9 : 0.0);
        fprintf(file, "]}]}\n");
    }
    fprintf(file, "{\"end\":true,\"frames\":%d}\n", frames);
    assert_int_equal(fclose(file), 0);
}

#endif
