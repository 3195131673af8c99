#include "http/target.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "http/percent.hpp"

namespace madoguchi::http {
namespace {

bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char character) { return character > 0x20 && character < 0x7F; });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char character) {
        const auto byte = static_cast<unsigned char>(character);
        return byte < 0x20 || byte == 0x7F;
    });
}

// Each segment is decoded alone, so that an escaped slash can't make a new one.
Result<std::string> decode_path(std::string_view raw) {
    std::string path;
    for (std::size_t start = 1; start <= raw.size();) {
        const auto end = std::min(raw.find('/', start), raw.size());
        const auto segment = TRY(percent_decode(raw.substr(start, end - start), Plus::is_plus));
        const bool last = end == raw.size();
        if ((segment.empty() && !last) || segment == "." || segment == ".." || has_control(segment) ||
            segment.find_first_of("/\\") != std::string::npos) {
            return failure(ErrorKind::invalid, "malformed_request", "path segment");
        }
        path += '/';
        path += segment;
        start = end + 1;
    }
    return path;
}

}  // namespace

Result<Target> parse_target(std::string_view raw) {
    if (raw.empty() || raw.front() != '/' || raw.size() > limits::kPathBytes || !is_visible_ascii(raw) ||
        raw.find('#') != std::string_view::npos) {
        return failure(ErrorKind::invalid, "malformed_request", "request target");
    }
    const auto question = raw.find('?');
    Target target;
    target.path = TRY(decode_path(raw.substr(0, question)));
    if (question != std::string_view::npos) {
        target.query = TRY(parse_urlencoded(raw.substr(question + 1)));
    }
    return target;
}

bool is_local_path(std::string_view path) {
    return !path.empty() && path.front() == '/' && path.size() <= limits::kPathBytes && is_visible_ascii(path) &&
           path.find('\\') == std::string_view::npos && (path.size() == 1 || path[1] != '/');
}

}  // namespace madoguchi::http
