// A QR code as one SVG path.
#pragma once

#include <string>
#include <string_view>

namespace madoguchi::render {

struct QrCode {
    int size = 0;      // modules on one side with the quiet zone of 4 (ISO/IEC 18004): the viewBox is "0 0 size size"
    std::string path;  // path data of the dark modules
};

/// Error correction M. Throws std::length_error for a text that no QR code holds (over 2,331 bytes).
QrCode qr_code(std::string_view text);

}  // namespace madoguchi::render
