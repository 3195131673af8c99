#include "crypto/webauthn_messages.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/encoding.hpp"
#include "base/limits.hpp"

namespace madoguchi::crypto {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kAuthenticatorDataHead = kHashBytes + 1 + 4;

tl::unexpected<Error> malformed(std::string detail) {
    return failure(ErrorKind::invalid, "passkey_malformed", std::move(detail));
}

// Reads CBOR of definite lengths, which is all that CTAP2's canonical form allows. Every read says whether it could.
class CborReader {
public:
    enum class Major : std::uint8_t { unsigned_number, negative_number, bytes, text, array, map, tag, simple };
    struct Item {
        Major major;
        std::uint64_t argument;  // a length, a count or a number
    };

    explicit CborReader(std::string_view bytes) : rest_(bytes) {}

    bool at_end() const { return rest_.empty(); }

    std::optional<Item> item() {
        if (rest_.empty()) {
            return std::nullopt;
        }
        const auto first = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        const auto major = static_cast<Major>(first >> 5U);
        const unsigned additional = first & 0x1FU;
        if (additional < 24) {
            return Item{major, additional};
        }
        if (additional > 27) {
            return std::nullopt;  // reserved, or of no definite length
        }
        const std::size_t width = std::size_t{1} << (additional - 24U);
        if (rest_.size() < width) {
            return std::nullopt;
        }
        std::uint64_t argument = 0;
        for (const char byte : rest_.substr(0, width)) {
            argument = (argument << 8U) | static_cast<std::uint8_t>(byte);
        }
        rest_.remove_prefix(width);
        return Item{major, argument};
    }

    std::optional<std::string_view> string(Major wanted) {
        const auto head = item();
        return head && head->major == wanted ? take(head->argument) : std::nullopt;
    }

    bool skip(int depth = 0) {
        const auto head = item();
        if (!head || depth > limits::kCborDepth) {
            return false;
        }
        switch (head->major) {
            case Major::bytes:
            case Major::text:
                return take(head->argument).has_value();
            case Major::array:
                return skip_many(head->argument, 1, depth);
            case Major::map:
                return skip_many(head->argument, 2, depth);
            case Major::tag:
                return skip(depth + 1);
            default:
                return true;
        }
    }

private:
    std::optional<std::string_view> take(std::uint64_t length) {
        if (length > rest_.size()) {
            return std::nullopt;
        }
        const auto taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }
    bool skip_many(std::uint64_t count, std::uint64_t each, int depth) {
        // Every item has a byte at least: a count beyond the rest is a lie, and is not counted out.
        if (count > rest_.size()) {
            return false;
        }
        for (std::uint64_t i = 0; i < count * each; ++i) {
            if (!skip(depth + 1)) {
                return false;
            }
        }
        return true;
    }

    std::string_view rest_;
};

const std::string* text_member(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace

Result<ClientData> parse_client_data(std::string_view text) {
    if (text.size() > limits::kPasskeyMessageBytes) {
        return malformed("client data too long");
    }
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return malformed("client data is no JSON object");
    }
    const auto* const type = text_member(json, "type");
    const auto* const challenge = text_member(json, "challenge");
    const auto* const origin = text_member(json, "origin");
    if (type == nullptr || challenge == nullptr || origin == nullptr) {
        return malformed("client data lacks type, challenge or origin");
    }
    auto raw = from_base64url(*challenge);
    if (!raw) {
        return malformed("challenge is no base64url");
    }
    const auto cross = json.find("crossOrigin");
    if (cross != json.end() && !cross->is_boolean()) {
        return malformed("crossOrigin is no boolean");
    }
    const bool framed = (cross != json.end() && cross->get<bool>()) || json.contains("topOrigin");
    return ClientData{.type = *type, .challenge = std::move(*raw), .origin = *origin, .cross_origin = framed};
}

Result<AuthenticatorData> parse_authenticator_data(std::string_view bytes) {
    if (bytes.size() < kAuthenticatorDataHead || bytes.size() > limits::kPasskeyMessageBytes) {
        return malformed("authenticator data of " + std::to_string(bytes.size()) + " bytes");
    }
    AuthenticatorData out{.rp_id_hash = std::string(bytes.substr(0, kHashBytes)),
                          .flags = static_cast<std::uint8_t>(bytes[kHashBytes])};
    for (const char byte : bytes.substr(kHashBytes + 1, 4)) {
        out.sign_count = (out.sign_count << 8U) | static_cast<std::uint8_t>(byte);
    }
    if (out.contradicts_itself()) {
        return malformed("backed up, and not eligible for it");
    }
    return out;
}

Result<std::string> authenticator_data_of(std::string_view attestation_object) {
    if (attestation_object.size() > limits::kPasskeyMessageBytes) {
        return malformed("attestation object too long");
    }
    CborReader reader(attestation_object);
    const auto map = reader.item();
    if (!map || map->major != CborReader::Major::map || map->argument > attestation_object.size()) {
        return malformed("attestation object is no map");
    }
    std::optional<std::string> found;
    for (std::uint64_t i = 0; i < map->argument; ++i) {
        const auto key = reader.string(CborReader::Major::text);
        if (!key) {
            return malformed("attestation object: a key is cut off or no text");
        }
        if (*key != "authData") {
            if (!reader.skip()) {
                return malformed("attestation object: a value is cut off");
            }
            continue;
        }
        const auto value = reader.string(CborReader::Major::bytes);
        if (!value || found) {
            return malformed("attestation object: authData is cut off, twice there or no bytes");
        }
        found = std::string(*value);
    }
    if (!found || !reader.at_end()) {
        return malformed("attestation object: no authData, or bytes behind it");
    }
    return std::move(*found);
}

}  // namespace madoguchi::crypto
