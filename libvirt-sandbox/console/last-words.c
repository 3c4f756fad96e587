/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/last-words-private.h"
#include "libvirt-sandbox/console/raw-link-private.h"
#include "libvirt-sandbox/util/visible-private.h"

#include <string.h>

#define CHUNK_SIZE 4096
/* A guest may write without end: so many chunks at most in one turn of the main loop. */
#define CHUNKS_AT_ONCE 64
/* The end of a log that is kept. A kernel that panics prints its registers and its stack after the reason. */
#define TEXT_MAX 16384
#define WORDS_MAX 240

struct _GVirSandboxLastWords {
    gatomicrefcount references; /* one is the link's */
    GMutex lock; /* of what follows: the log is read in the default main context, and asked for in the console's */
    GVirSandboxRawLink *link; /* NULL: closed */
    gboolean closing;
    GString *text;
};

static void
keep(GVirSandboxLastWords *words, const gchar *data, gsize length)
{
    g_string_append_len(words->text, data, length);
    if (words->text->len > TEXT_MAX)
        g_string_erase(words->text, 0, words->text->len - TEXT_MAX);
}

/* Call with the lock. FALSE if nothing more will come. */
static gboolean
receive(GVirSandboxLastWords *words)
{
    gchar data[CHUNK_SIZE];
    int got = 1;

    for (guint i = 0; i < CHUNKS_AT_ONCE && got > 0; i++) {
        got = gvir_sandbox_raw_link_receive(words->link, data, sizeof(data));
        if (got > 0)
            keep(words, data, got);
    }
    return got > 0 || got == -2;
}

/* In the default main context, where no event of the link can be on its way, and not inside one. */
static gboolean
close_there(gpointer user_data)
{
    GVirSandboxLastWords *words = user_data;
    GVirSandboxRawLink *link;

    g_mutex_lock(&words->lock);
    link = g_steal_pointer(&words->link);
    g_mutex_unlock(&words->lock);
    gvir_sandbox_raw_link_free(link);
    gvir_sandbox_last_words_unref(words);
    return G_SOURCE_REMOVE;
}

/* Whether the caller is the first to close the link, and so has to. */
static gboolean
begin_to_close(GVirSandboxLastWords *words)
{
    gboolean first;

    g_mutex_lock(&words->lock);
    first = words->link && !words->closing;
    words->closing = TRUE;
    g_mutex_unlock(&words->lock);
    return first;
}

static void
log_event(int events G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxLastWords *words = user_data;
    gboolean over;

    g_mutex_lock(&words->lock);
    over = words->link && !receive(words);
    if (over)
        gvir_sandbox_raw_link_mute(words->link);
    g_mutex_unlock(&words->lock);
    if (over && begin_to_close(words))
        g_idle_add(close_there, words);
}

/* Under the lock, as events may come at once. */
static gboolean
open_link(GVirSandboxLastWords *words, GVirSandboxConsoleRaw *log)
{
    int events = VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR;

    words->link = gvir_sandbox_console_raw_open_link(log, log_event, words, NULL);
    if (words->link && !gvir_sandbox_raw_link_set_events(words->link, events))
        g_clear_pointer(&words->link, gvir_sandbox_raw_link_free);
    return words->link != NULL;
}

GVirSandboxLastWords *
gvir_sandbox_last_words_new(GVirSandboxConsoleRaw *log)
{
    g_autoptr(GVirSandboxLastWords) words = g_new0(GVirSandboxLastWords, 1);
    gboolean opened;

    g_atomic_ref_count_init(&words->references);
    g_mutex_init(&words->lock);
    words->text = g_string_new(NULL);
    g_mutex_lock(&words->lock);
    opened = open_link(words, log);
    if (opened)
        gvir_sandbox_last_words_ref(words);
    g_mutex_unlock(&words->lock);
    return opened ? g_steal_pointer(&words) : NULL;
}

GVirSandboxLastWords *
gvir_sandbox_last_words_ref(GVirSandboxLastWords *words)
{
    g_atomic_ref_count_inc(&words->references);
    return words;
}

void
gvir_sandbox_last_words_unref(GVirSandboxLastWords *words)
{
    if (!g_atomic_ref_count_dec(&words->references))
        return;
    g_mutex_clear(&words->lock);
    g_string_free(words->text, TRUE);
    g_free(words);
}

void
gvir_sandbox_last_words_close(GVirSandboxLastWords *words)
{
    /* The reader that comes next has the rest. */
    g_mutex_lock(&words->lock);
    g_string_truncate(words->text, 0);
    g_mutex_unlock(&words->lock);
    if (begin_to_close(words))
        g_main_context_invoke(NULL, close_there, words);
}

/* "[    1.234567] " */
static const gchar *
skip_time_stamp(const gchar *line)
{
    gsize digits = *line == '[' ? strspn(line + 1, " 0123456789.") : 0;

    return digits > 0 && line[1 + digits] == ']' ? line + 2 + digits : line;
}

gchar *
gvir_sandbox_last_words_choose(const gchar *text, gsize length)
{
    g_autofree gchar *copy = g_malloc(length + 1);
    g_auto(GStrv) lines = NULL;
    const gchar *chosen = NULL;

    /* The text goes on behind a NUL. */
    for (gsize i = 0; i < length; i++)
        copy[i] = text[i] == '\0' ? ' ' : text[i];
    copy[length] = '\0';
    lines = g_strsplit_set(copy, "\r\n", -1);
    for (gchar **line = lines; *line; line++) {
        const gchar *said = g_strstrip((gchar *)skip_time_stamp(*line));

        if (*said)
            chosen = said;
        if (g_str_has_prefix(said, "Kernel panic"))
            break;
    }
    return chosen ? gvir_sandbox_visible_line(chosen, MIN(strlen(chosen), WORDS_MAX)) : NULL;
}

gchar *
gvir_sandbox_last_words_get_line(GVirSandboxLastWords *words)
{
    gchar *line;

    g_mutex_lock(&words->lock);
    if (words->link)
        receive(words);
    line = gvir_sandbox_last_words_choose(words->text->str, words->text->len);
    g_mutex_unlock(&words->lock);
    return line;
}
