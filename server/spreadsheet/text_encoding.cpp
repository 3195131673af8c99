#include "spreadsheet/text_encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>

#include "base/japanese_text.hpp"
#include "spreadsheet/sheet_builder.hpp"

namespace madoguchi::spreadsheet {
namespace {

constexpr std::string_view kGeta = "\x81\xAC";  // 〓, the printer's sign for a missing letter
constexpr std::size_t kBuffer = 4096;

class Converter {
public:
    Converter(const char* to, const char* from) : handle_(iconv_open(to, from)) {
        // The C library's tables are a part of it: without them nothing here could work.
        if (reinterpret_cast<std::intptr_t>(handle_) == -1) {  // POSIX: (iconv_t)-1
            throw std::runtime_error("iconv knows no CP932");
        }
    }
    ~Converter() { iconv_close(handle_); }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    /// Converts from the front of `text` until the end or the first thing that can't be; appends to `out`.
    void convert(std::string_view& text, std::string& out) {
        std::array<char, kBuffer> buffer{};
        while (!text.empty()) {
            char* in = const_cast<char*>(text.data());  // iconv's signature; it only reads
            std::size_t in_left = text.size();
            char* to = buffer.data();
            std::size_t to_left = buffer.size();
            const auto result = iconv(handle_, &in, &in_left, &to, &to_left);
            const int why = errno;
            out.append(buffer.data(), buffer.size() - to_left);
            text.remove_prefix(text.size() - in_left);
            if (result == static_cast<std::size_t>(-1) && why != E2BIG) {
                return;
            }
        }
    }

private:
    iconv_t handle_;
};

std::size_t letter_bytes(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return std::min(size, text.size());
}

}  // namespace

Result<std::string> decode_text(std::string_view bytes) {
    if (bytes.starts_with(kByteOrderMark)) {
        bytes.remove_prefix(kByteOrderMark.size());
    }
    if (bytes.find('\0') != std::string_view::npos) {
        return refuse_file("file_encoding");  // UTF-16, or no text at all
    }
    if (valid_utf8(bytes)) {
        return std::string(bytes);
    }
    std::string out;
    out.reserve(bytes.size() * 3 / 2);
    Converter converter("UTF-8", "CP932");
    converter.convert(bytes, out);
    if (!bytes.empty()) {
        return refuse_file("file_encoding");
    }
    return out;
}

Cp932Text encode_cp932(std::string_view utf8) {
    Cp932Text out;
    out.bytes.reserve(utf8.size());
    Converter converter("CP932", "UTF-8");
    while (!utf8.empty()) {
        converter.convert(utf8, out.bytes);
        if (utf8.empty()) {
            break;
        }
        std::string letter(utf8.substr(0, letter_bytes(utf8)));
        utf8.remove_prefix(letter.size());
        out.bytes += kGeta;
        if (std::ranges::find(out.unmapped, letter) == out.unmapped.end()) {
            out.unmapped.push_back(std::move(letter));
        }
    }
    return out;
}

}  // namespace madoguchi::spreadsheet
