/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The connection to the host, and frames on it. When the host is gone, the guest ends. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libvirt-sandbox/guest/frame.h"

void channel_open_socket(void);
void channel_open_port(void);
bool channel_is_open(void);
int channel_descriptor(void);
short channel_events(void);
/* How many bytes of data a frame can take now. */
size_t channel_room(void);
/* Where to write the next frame; then call channel_queued() with its size. */
uint8_t *channel_next_out(void);
void channel_queued(size_t frame_size);
void channel_send(void);
bool channel_all_is_sent(void);
/* Whether data can be spliced from a pipe to the host, without a copy. */
bool channel_can_splice(void);
/* Sends what is queued, a header last, and after it @length bytes from @pipe. */
void channel_send_spliced(int pipe, size_t length);
/* False if no bytes came. */
bool channel_receive(void);
/* Whether much data is coming, so that it is read in small parts. */
bool channel_is_bulk(void);
/* The next frame that came, or a piece of one with DATA; its payload is valid until channel_receive(). */
bool channel_next_in(struct guest_frame *frame);
/* How many bytes of the stream come next from the descriptor, if they can be spliced from there. */
size_t channel_rest(unsigned stream);
/* So many of them were spliced; 0 if they must be read after all. */
void channel_rest_spliced(size_t length);
