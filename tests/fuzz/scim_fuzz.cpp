// SCIM's filters and paths: whatever is read can be written and read again, and is evaluated without a fault.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "check.hpp"
#include "scim/filter.hpp"

using namespace madoguchi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const auto kUser = nlohmann::json::parse(
        R"({"id":"7","userName":"a","active":true,"name":{"familyName":"b"},"groups":[{"value":"3"}],"meta":{"created":"2026-04-01T00:00:00Z"}})");
    if (const auto filter = scim::parse_filter(text)) {
        if (scim::check_filter(*filter, scim::user_type())) {
            scim::matches(*filter, kUser, scim::user_type());
        }
        const auto written = scim::to_text(*filter);
        // Written out in full it may be deeper or longer than what is read; where it is read, it says the same.
        if (const auto again = scim::parse_filter(written)) {
            check(scim::to_text(*again) == written);
        }
    }
    if (const auto path = scim::parse_path(text)) {
        check(!path->attribute.empty());
        check(path->part.empty() || path->filter.has_value());
    }
    return 0;
}
