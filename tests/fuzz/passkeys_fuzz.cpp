// What browsers and authenticators send: client data, attestation objects and authenticator data, each read from the
// same bytes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.hpp"
#include "check.hpp"
#include "crypto/webauthn_messages.hpp"

using namespace madoguchi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto client = crypto::parse_client_data(bytes)) {
        check(size <= limits::kPasskeyMessageBytes && client->challenge.size() < size);
    }
    if (const auto inner = crypto::authenticator_data_of(bytes)) {
        check(inner->size() < size && bytes.find(*inner) != std::string_view::npos);
        check(!crypto::authenticator_data_of(bytes.substr(0, size - 1)));  // nothing behind it is left out
    }
    if (const auto head = crypto::parse_authenticator_data(bytes)) {
        check(bytes.starts_with(head->rp_id_hash) && head->rp_id_hash.size() == 32 && !head->contradicts_itself());
    }
    return 0;
}
