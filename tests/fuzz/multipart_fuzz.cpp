// Multipart bodies: parts, sizes and headers stay within limits, and the same comes out however the bytes are cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "check.hpp"
#include "http/multipart.hpp"
#include "http/percent.hpp"

using namespace madoguchi;

namespace {

constexpr http::MultipartLimits kLimits = {.parts = 4, .field_bytes = 64, .file_bytes = 128};

class CheckingSink final : public http::MultipartSink {
public:
    Result<void> begin(const http::MultipartPart& part) override {
        check(!open_ && ++parts_ <= kLimits.parts);
        check(http::is_utf8(part.name) && http::is_utf8(part.file_name.value_or("")));
        open_ = true;
        left_ = part.file_name ? kLimits.file_bytes : kLimits.field_bytes;
        seen += "[" + part.name + "|" + part.file_name.value_or("-") + "]";
        return {};
    }
    Result<void> data(std::string_view bytes) override {
        check(open_ && bytes.size() <= left_);
        left_ -= bytes.size();
        seen += bytes;
        return {};
    }
    Result<void> end() override {
        check(open_);
        open_ = false;
        seen += "$";
        return {};
    }
    std::string seen;

private:
    bool open_ = false;
    std::size_t parts_ = 0;
    std::size_t left_ = 0;
};

struct Outcome {
    bool good = false;
    std::string seen;
};

Outcome parse(std::string_view body, const std::string& boundary, std::size_t piece) {
    CheckingSink sink;
    http::MultipartParser parser(boundary, kLimits, sink);
    for (std::size_t at = 0; at < body.size(); at += piece) {
        if (!parser.feed(body.substr(at, piece))) {
            return {false, {}};
        }
    }
    return {parser.finish().has_value(), sink.seen};
}

}  // namespace

// The first line is a Content-Type, the rest the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto line_end = std::min(bytes.find('\n'), bytes.size());
    const auto type = bytes.substr(0, line_end);
    const auto body = bytes.substr(std::min(line_end + 1, bytes.size()));
    const auto boundary = http::multipart_boundary(type);
    if (!boundary) {
        return 0;
    }
    check(!boundary->empty() && boundary->size() <= 70);
    const auto whole = parse(body, *boundary, std::max<std::size_t>(body.size(), 1));
    const auto bytewise = parse(body, *boundary, 1);
    check(whole.good == bytewise.good);
    check(!whole.good || whole.seen == bytewise.seen);
    http::parse_multipart_fields(body, type);
    return 0;
}
