#include "render/qr_code.hpp"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>
#include <stdexcept>

namespace madoguchi::render {
namespace {

constexpr int kQuietZone = 4;  // ISO/IEC 18004 §6.3.8

}  // namespace

QrCode qr_code(std::string_view text) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0,
                          QR_ECLEVEL_M),
        &QRcode_free);
    if (code == nullptr) {
        throw std::length_error("text does not fit a QR code");
    }
    QrCode result{.size = code->width + 2 * kQuietZone, .path = {}, .runs = {}};
    const auto dark = [&](int x, int y) { return (code->data[y * code->width + x] & 1U) != 0; };
    for (int y = 0; y < code->width; ++y) {
        for (int x = 0; x < code->width; ++x) {
            if (!dark(x, y)) {
                continue;
            }
            const int begin = x;
            while (x + 1 < code->width && dark(x + 1, y)) {
                ++x;
            }
            const int run = x + 1 - begin;
            result.runs.push_back({begin + kQuietZone, y + kQuietZone, run});
            result.path += fmt::format("M{} {}h{}v1h-{}z", begin + kQuietZone, y + kQuietZone, run, run);
        }
    }
    return result;
}

}  // namespace madoguchi::render
