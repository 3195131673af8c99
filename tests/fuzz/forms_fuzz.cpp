// Forms, queries and paths: whatever comes out is bounded, UTF-8, without NUL, and survives being encoded again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.hpp"
#include "check.hpp"
#include "http/fields.hpp"
#include "http/percent.hpp"
#include "http/target.hpp"

using namespace madoguchi;

namespace {

void check_text(const std::string& text) {
    check(http::is_utf8(text));
    check(text.find('\0') == std::string::npos);
}

void check_form(std::string_view bytes) {
    const auto fields = http::parse_urlencoded(bytes);
    if (!fields) {
        return;
    }
    check(fields->all().size() <= limits::kFormFields);
    std::string again;
    for (const auto& [name, value] : fields->all()) {
        check_text(name);
        check_text(value);
        again += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
    }
    const auto second = http::parse_urlencoded(again);
    check(second.has_value() && second->all() == fields->all());
}

void check_target(std::string_view bytes) {
    const auto target = http::parse_target(bytes);
    if (!target) {
        return;
    }
    check_text(target->path);
    check(bytes.size() <= limits::kPathBytes && target->path.starts_with('/'));
    for (const auto* part : {"//", "/../", "/./", "\\", "\n", "\r"}) {
        check((target->path + "/").substr(0, target->path.size() + (target->path.ends_with('/') ? 0 : 1)).find(part) ==
              std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_form(bytes);
    check_target(bytes);
    if (http::is_local_path(bytes)) {
        check(bytes.front() == '/' && !bytes.starts_with("//") && bytes.find('\\') == std::string_view::npos);
    }
    return 0;
}
