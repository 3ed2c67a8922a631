/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an XML file by a table of its elements: which may stand in which, and what to do when one
 * starts and ends. Elements that the table does not know are passed over with all that is in them.
 * Numbers are read whatever the program's locale is. Thread-safety: an object belongs to one call.
 */
#ifndef VANON_DETECT_HAAR_XML_H
#define VANON_DETECT_HAAR_XML_H

#include <stdbool.h>
#include <stddef.h>

#include <vanon/status.h>

struct vanon_xml_reader;

/* A row of the table. Row 0 is the outside, where the first element stands; it has no name. */
struct vanon_xml_element {
    int parent;       /* row; an element has one */
    const char *name; /* NULL: whatever it is called, where no row before has its name */
    bool text;        /* it is text that counts, not elements inside */
    int (*start)(struct vanon_xml_reader *reader, const char *const *attributes); /* or NULL */
    int (*end)(struct vanon_xml_reader *reader);                                  /* or NULL */
};

struct vanon_xml_reader {
    const char *path; /* for messages */
    const vanon_log *log;
    const struct vanon_xml_element *elements;
    int count;    /* of rows */
    void *opaque; /* the caller's */

    /* Of an element that ends and has text. */
    char *text;
    size_t length;
    double *number; /* after vanon_xml_numbers */
    size_t numbers;

    /* the reader's own */
    void *parser;
    int status, place;
    unsigned ignored;
    size_t text_capacity, number_capacity;
};

/*
 * Reads the file; path, log, elements, count and opaque are set, all else is zero. What a start or
 * end returns other than VANON_OK ends it and is returned. VANON_ERR_MODEL: the file can't be read,
 * is no XML, starts with another element, has a document type, is larger than 64 MiB;
 * VANON_ERR_MEMORY.
 */
int vanon_xml_read(struct vanon_xml_reader *reader);

/* Logs what is wrong, after file and line. VANON_ERR_MODEL. */
int vanon_xml_refuse(struct vanon_xml_reader *reader, const char *format, ...) VANON_PRINTF(2, 3);

/* Reads the text as numbers from -1e9 to 1e9, and as `wanted` of them. */
int vanon_xml_numbers(struct vanon_xml_reader *reader);
int vanon_xml_count(struct vanon_xml_reader *reader, size_t wanted);

/* The i-th number as a whole one. */
int vanon_xml_whole(struct vanon_xml_reader *reader, size_t i, int *value);

#endif
