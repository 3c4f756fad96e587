/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* exchange-names FIRST SECOND: exchanges the two again and again until it is killed. */

#include <fcntl.h>
#include <stdio.h>

int
main(int count, char **arguments)
{
    while (count == 3) {
        if (renameat2(AT_FDCWD, arguments[1], AT_FDCWD, arguments[2], RENAME_EXCHANGE) < 0) {
            perror("exchange-names");
            return 1;
        }
    }
    return 1;
}
