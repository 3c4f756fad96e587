/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/clock.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/*
 * The clock of a machine, which follows the host's clock. A machine starts with a clock that only knows whole
 * seconds, and its clock stands still while QEMU is stopped. Init asks the host for the time. The answer may be
 * wrong by half of the time that it took. The clock is corrected by what is certain: forwards at once, backwards
 * by slowing it down, so that no program sees the same moment twice. A privileged program can set the clock
 * itself; then init leaves the clock alone.
 */

#define NSEC INT64_C(1000000000)

/* An answer that is at most this wrong is good enough. The program waits for one, or for the best of this many answers.
 */
#define GOOD_NSEC (3 * NSEC / 1000)
#define FIRST_QUESTIONS 4
/* A smaller difference is not corrected. */
#define CLOSE_NSEC (NSEC / 2000)
/* How long to wait until the next question: after a good answer, and after any other. */
#define PERIOD_NSEC NSEC
#define SHORT_PERIOD_NSEC (NSEC / 10)
/* A clock that is ahead by more than this is set back at once, because slowing it down would take too long. */
#define SLOW_MAX_NSEC (NSEC / 10)
/* The kernel's setting: how many microseconds it adds each hundredth of a second, and its lowest value, a tenth less.
 */
#define TICK 10000
#define SLOW_TICK 9000

/* The kernel can measure a processor's counter wrong by half if the host was busy meanwhile. A clock that drifts by
 * more than this in a second cannot be corrected; then init switches to the ACPI timer, which is slower to read. */
#define RATE_MAX_NSEC (NSEC / 50)
#define SOURCES "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define OTHER_SOURCE "acpi_pm"

/* What the host's clock showed when the guest's monotonic clock was 0, and how far that may be wrong. */
struct answer {
    int64_t at; /* on the monotonic clock */
    int64_t zero;
    int64_t error;
};

static bool wanted;
static bool settled;
static bool privileged;
static int set_by_others = -1; /* a timer that is cancelled when somebody sets the clock */
static int questions;
static struct answer best;
static int source = -1;     /* the setting for the counter that the kernel uses, open for writing */
static struct answer first; /* the answer to which later ones are compared, for the drift; at 0 there is none */
static int64_t asked;       /* when the question was sent, on the monotonic clock; 0: no answer is on its way */
static int64_t due;         /* when to send the next question, or when to end slowing down */
static long tick = TICK;

static int64_t
now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * NSEC + time.tv_nsec;
}

static void
watch_others(void)
{
    const struct itimerspec never = { .it_value.tv_sec = INT32_MAX * INT64_C(4) };

    set_by_others = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (set_by_others < 0 ||
        timerfd_settime(set_by_others, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "clock");
    }
}

/* Whether somebody has set the clock since the last call. */
static bool
was_set(void)
{
    uint64_t times;

    return read(set_by_others, &times, sizeof(times)) < 0 && errno == ECANCELED;
}

static bool
belongs_to_program(void)
{
    struct timex state = { 0 };

    if (!privileged) {
        return false;
    }
    return was_set() || adjtimex(&state) < 0 || state.tick != tick || state.freq != 0 || state.status & STA_PLL;
}

static void
leave_clock(const char *why)
{
    log_debug("clock: %s", why);
    wanted = false;
    settled = true;
}

static void
step(int64_t difference)
{
    struct timex change = { .modes = ADJ_SETOFFSET | ADJ_NANO };

    change.time.tv_sec = difference / NSEC;
    change.time.tv_usec = difference % NSEC;
    if (change.time.tv_usec < 0) {
        change.time.tv_sec--;
        change.time.tv_usec += NSEC;
    }
    if (adjtimex(&change) < 0) {
        leave_clock(strerror(errno));
    }
    (void)was_set();
}

static void
set_tick(long microseconds)
{
    struct timex change = { .modes = ADJ_TICK, .tick = microseconds };

    if (adjtimex(&change) < 0) {
        leave_clock(strerror(errno));
    }
    tick = microseconds;
    /* Later answers must be compared with the new counter. */
    first.at = 0;
}

/* Slows the clock down to nine tenths of its speed, for ten times the difference. */
static void
go_slowly(int64_t difference)
{
    set_tick(SLOW_TICK);
    due = now(CLOCK_MONOTONIC) + difference * 9;
}

static void
correct(const struct answer *answer, int64_t certain)
{
    int64_t difference = answer->zero + now(CLOCK_MONOTONIC) - now(CLOCK_REALTIME);
    int64_t size = (difference < 0 ? -difference : difference) - certain;

    if (size <= CLOSE_NSEC) {
        return;
    }
    if (belongs_to_program()) {
        leave_clock("the program has its own time");
    } else if (difference > 0) {
        step(size);
    } else if (settled && size <= SLOW_MAX_NSEC) {
        go_slowly(size);
    } else {
        step(-size);
    }
}

static void
replace_source(void)
{
    if (write(source, OTHER_SOURCE, strlen(OTHER_SOURCE)) < 0) {
        log_debug("clock: %s: %s", OTHER_SOURCE, strerror(errno));
    } else {
        log_debug("clock: counted by %s", OTHER_SOURCE);
    }
    close(source);
    source = -1;
}

/* The tick changes the drift as well, so it is left alone until the drift is known. */
static void
check_rate(const struct answer *answer)
{
    int64_t span = answer->at - first.at;
    int64_t drift = answer->zero - first.zero;
    int64_t certain = (drift < 0 ? -drift : drift) - answer->error - first.error;

    if (first.at == 0) {
        first = *answer;
    } else if (source >= 0 && certain > span / (NSEC / RATE_MAX_NSEC)) {
        replace_source();
    }
}

static void
settle(const struct answer *answer)
{
    if (questions == 1 || answer->error < best.error) {
        best = *answer;
    }
    if (best.error <= GOOD_NSEC || questions >= FIRST_QUESTIONS) {
        correct(&best, 0);
        settled = true;
        first = best;
        log_debug("clock is right to %lld microseconds", (long long)best.error / 1000);
    }
}

void
clock_open(void)
{
    source = open(SOURCES, O_WRONLY | O_CLOEXEC);
}

void
clock_follow_host(const struct settings *settings)
{
    wanted = settings->machine;
    privileged = settings->privileged;
    if (wanted) {
        watch_others();
    }
}

bool
clock_is_right(void)
{
    return !wanted || settled;
}

void
clock_queue_question(void)
{
    int64_t time = now(CLOCK_MONOTONIC);

    if (!wanted || asked != 0 || time < due) {
        return;
    }
    if (tick != TICK) {
        set_tick(TICK);
    }
    asked = time;
    questions++;
    channel_queued(guest_frame_encode_clock(channel_next_out(), (uint64_t)asked, 0));
}

void
clock_handle_answer(const struct guest_frame *frame)
{
    int64_t time = now(CLOCK_MONOTONIC);
    struct answer answer = { .at = time, .error = (time - asked) / 2 };

    if (!wanted || asked == 0 || guest_frame_u64(frame, 0) != (uint64_t)asked) {
        return;
    }
    answer.zero = (int64_t)guest_frame_u64(frame, 8) - asked - answer.error;
    asked = 0;
    if (!settled) {
        settle(&answer);
        due = settled ? time + SHORT_PERIOD_NSEC : 0;
    } else {
        due = time + (answer.error <= GOOD_NSEC ? PERIOD_NSEC : SHORT_PERIOD_NSEC);
        check_rate(&answer);
        correct(&answer, answer.error);
    }
}

int
clock_timeout(void)
{
    int64_t left = due - now(CLOCK_MONOTONIC);

    if (!wanted || asked != 0) {
        return -1;
    }
    return left <= 0 ? 0 : (int)(left / (NSEC / 1000)) + 1;
}
