#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A document that becomes a PDF, and a page that becomes a picture: the two largest programs that people have.
# drivers: embed embed-user lxc
# seconds: 1800

# shellcheck source=tests/system/lib.sh
. "$TEST_DIRECTORY/lib.sh"
# shellcheck source=tests/system/jobs.sh
. "$TEST_DIRECTORY/jobs.sh"

# starts_with FILE BYTES
starts_with() {
    [ "$(head -c ${#2} "$1" 2>/dev/null | tr -d '\0')" = "$2" ]
}

if job_needs soffice "LibreOffice to PDF" root; then
    echo "A letter to be printed." >soffice/letter.txt
    job soffice soffice --headless --convert-to pdf letter.txt
    check_status "LibreOffice converts a letter" 0
    check "which is a PDF then" starts_with soffice/letter.pdf %PDF-
    check "of some content" test "$(stat -c %s soffice/letter.pdf 2>/dev/null || echo 0)" -gt 1000
fi

# A sandbox in the sandbox is not for root, nor where no user namespace can be had. The processes of the whole browser
# give each other up after 15 seconds, which an emulated processor may need: it has the browser without windows.
browser=(chromium --headless)
if [ "$kind" = machine ] && ! "$VIRT_SANDBOX" "${connect[@]}" --print-xml -- true | grep -q "type=.kvm"; then
    browser=(chromium-headless-shell --single-process)
fi
if job_needs "${browser[0]}" "chromium --headless to PNG" user; then
    picture=${browser[0]}/page.png
    echo '<html><body style="background: rgb(10, 200, 30)"><h1>A page</h1></body></html>' >"${browser[0]}/page.html"
    job "${browser[0]}" "${browser[@]}" --no-sandbox --disable-gpu --window-size=200,100 --screenshot=page.png \
        "file://$projects/${browser[0]}/page.html"
    check_status "chromium makes a picture of a page" 0
    check "which is a PNG" starts_with "$picture" $'\x89PNG'
    check "with something on it" test "$(stat -c %s "$picture" 2>/dev/null || echo 0)" -gt 1000
    check_equal "of the size that was asked for" "200 100" \
        "$(od -A n -t u4 --endian=big -j 16 -N 8 "$picture" 2>/dev/null | xargs)"
fi

done_testing
