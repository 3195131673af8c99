// A QR code as one SVG path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace madoguchi::render {

/// Dark modules beside each other, counted with the quiet zone.
struct QrRun {
    int x = 0;
    int y = 0;
    int length = 0;
};

struct QrCode {
    int size = 0;      // modules on one side with the quiet zone of 4 (ISO/IEC 18004): the viewBox is "0 0 size size"
    std::string path;  // path data of the dark modules
    std::vector<QrRun> runs;  // the same modules, for paper
};

/// Error correction M. Throws std::length_error for a text that no QR code holds (over 2,331 bytes).
QrCode qr_code(std::string_view text);

}  // namespace madoguchi::render
