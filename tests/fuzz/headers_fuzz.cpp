// Requests as bytes: the reader must see the same ones however they are cut, stay bounded, and never accept what is
// ambiguous.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "check.hpp"
#include "http/head.hpp"

using namespace madoguchi;

namespace {

void check_head(const http::Head& head) {
    check(head.headers.all().size() <= limits::kHeaderCount);
    check(head.content_length <= limits::kRequestBytes);
    check(head.headers.count("host") <= 1 && head.headers.count("content-length") <= 1);
    check(head.headers.count("transfer-encoding") == 0);
    for (const auto& [name, value] : head.headers.all()) {
        check(!name.empty() && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    }
}

std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
    http::RequestReader reader;
    std::string seen;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        auto state = reader.feed(bytes.substr(at, piece));
        while (state == http::RequestReader::State::complete) {
            check_head(reader.head());
            const auto length = reader.head().content_length;
            const auto body = reader.take_body();
            check(body.size() == length);
            seen += reader.head().method + " " + reader.head().target + " " + body + "\n";
            state = reader.next();
        }
        if (state == http::RequestReader::State::refused) {
            return seen + std::to_string(reader.refusal().status);
        }
    }
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = read_in_pieces(bytes, std::max<std::size_t>(size, 1));
    // In pieces, a head that is too long may be refused before it turns out to be malformed as well.
    if (size < limits::kRequestHeadBytes) {
        check(whole == read_in_pieces(bytes, 1));
        check(whole == read_in_pieces(bytes, 7));
    }
    return 0;
}
