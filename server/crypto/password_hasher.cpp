#include "crypto/password_hasher.hpp"

#include <argon2.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "base/encoding.hpp"
#include "base/japanese_text.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;  // RFC 9106 §3.1
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kPhcStart = "$argon2id$v=19$m=";
constexpr std::uint32_t kBytesPerKib = 1024;

// Argon2's memory, kept by its thread between hashes: mapping 19 MiB anew costs half as much again as the hash itself
// (25 -> 37 ms). libargon2 wipes it after each hash.
class HashMemory {
public:
    HashMemory() = default;
    ~HashMemory() { release(); }
    HashMemory(const HashMemory&) = delete;
    HashMemory& operator=(const HashMemory&) = delete;

    std::uint8_t* take(std::size_t bytes) {
        if (bytes > bytes_) {
            release();
            const std::size_t mapped_bytes = bytes + kHugePage;
            void* mapped = ::mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (mapped == MAP_FAILED) {
                return nullptr;
            }
            ::madvise(mapped, mapped_bytes, MADV_DONTDUMP);  // no trace of a password in a core file (S20)
            // Argon2 jumps about in it: with huge pages, where the kernel has them, the processor finds its way faster,
            // above all after other work has used its tables.
            ::madvise(mapped, mapped_bytes, MADV_HUGEPAGE);
            mapped_ = mapped;
            mapped_bytes_ = mapped_bytes;
            bytes_ = bytes;
        }
        std::size_t space = mapped_bytes_;
        void* start = mapped_;
        return static_cast<std::uint8_t*>(std::align(kHugePage, bytes_, start, space));
    }
    void release() {
        if (mapped_ != nullptr) {
            ::munmap(mapped_, mapped_bytes_);
        }
        mapped_ = nullptr;
        mapped_bytes_ = 0;
        bytes_ = 0;
    }

private:
    static constexpr std::size_t kHugePage = 2UL * 1024 * 1024;
    void* mapped_ = nullptr;
    std::size_t mapped_bytes_ = 0;
    std::size_t bytes_ = 0;
};

HashMemory& this_threads_memory() {
    thread_local HashMemory memory;
    return memory;
}

int allocate(std::uint8_t** memory, std::size_t bytes) {
    *memory = this_threads_memory().take(bytes);
    return *memory == nullptr ? ARGON2_MEMORY_ALLOCATION_ERROR : ARGON2_OK;
}

void keep(std::uint8_t*, std::size_t) {}

struct Phc {
    ArgonParameters parameters;
    std::string salt;
    std::string hash;
};

// The PHC format takes the standard alphabet without padding.
std::string to_base64(std::string_view bytes) {
    auto text = to_base64url(bytes);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    return text;
}

std::optional<std::string> from_base64(std::string_view base64) {
    std::string text(base64);
    if (text.find_first_of("-_") != std::string::npos) {
        return std::nullopt;
    }
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return from_base64url(text);
}

std::string phc_text(const Phc& phc) {
    return fmt::format("{}{},t={},p=1${}${}", kPhcStart, phc.parameters.memory_kib, phc.parameters.passes,
                       to_base64(phc.salt), to_base64(phc.hash));
}

// What stands before `end`, which goes too. Nothing if `end` is not there.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view end) {
    const auto at = text.find(end);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto part = text.substr(0, at);
    text.remove_prefix(at + end.size());
    return part;
}

std::optional<std::uint32_t> number(std::optional<std::string_view> text) {
    std::uint32_t value = 0;
    if (!text || text->empty()) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc() && end == text->data() + text->size() ? std::optional(value) : std::nullopt;
}

std::optional<Phc> parse_phc(std::string_view text) {
    if (!text.starts_with(kPhcStart)) {
        return std::nullopt;
    }
    text.remove_prefix(kPhcStart.size());
    const auto memory_kib = number(take_until(text, ",t="));
    const auto passes = number(take_until(text, ",p=1$"));
    const auto salt = from_base64(take_until(text, "$").value_or(""));
    const auto hash = from_base64(text);
    const bool sound = memory_kib && passes && *memory_kib <= limits::kArgonMemoryMaximumKib &&
                       *passes <= limits::kArgonPassesMaximum && salt && salt->size() == kSaltBytes && hash &&
                       hash->size() == kHashBytes;
    return sound ? std::optional(Phc{{*memory_kib, *passes}, *salt, *hash}) : std::nullopt;
}

Result<std::string> argon2id(const SecretText& pepper, const SecretText& password, ArgonParameters parameters,
                             std::string salt) {
    const auto normal = normalize_password(password.reveal());
    std::string peppered = hmac_sha256(pepper, normal.reveal());
    std::string out(kHashBytes, '\0');
    argon2_context context = {};
    context.out = reinterpret_cast<std::uint8_t*>(out.data());
    context.outlen = kHashBytes;
    context.pwd = reinterpret_cast<std::uint8_t*>(peppered.data());
    context.pwdlen = static_cast<std::uint32_t>(peppered.size());
    context.salt = reinterpret_cast<std::uint8_t*>(salt.data());
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = parameters.passes;
    context.m_cost = parameters.memory_kib;
    context.lanes = 1;
    context.threads = 1;  // so that it runs on this thread and finds this thread's memory
    context.version = ARGON2_VERSION_13;
    context.allocate_cbk = &allocate;
    context.free_cbk = &keep;
    context.flags = ARGON2_FLAG_CLEAR_PASSWORD;
    const int outcome = argon2id_ctx(&context);
    if (outcome == ARGON2_MEMORY_ALLOCATION_ERROR) {
        return failure(Error{.kind = ErrorKind::unavailable,
                             .message_id = "busy",
                             .detail = fmt::format("no {} bytes for Argon2", parameters.memory_kib * kBytesPerKib),
                             .retry_after = limits::kHashRetryAfter});
    }
    if (outcome != ARGON2_OK) {
        return failure(ErrorKind::internal, "internal", argon2_error_message(outcome));
    }
    return out;
}

}  // namespace

PasswordHasher::PasswordHasher(SecretText pepper, Entropy& entropy, ArgonParameters parameters)
    : pepper_(std::move(pepper)),
      entropy_(entropy),
      parameters_(parameters),
      decoy_(phc_text({parameters, entropy.bytes(kSaltBytes), entropy.bytes(kHashBytes)})) {}

Result<std::string> PasswordHasher::hash(const SecretText& password) const {
    Phc phc{parameters_, entropy_.bytes(kSaltBytes), {}};
    phc.hash = TRY(argon2id(pepper_, password, parameters_, phc.salt));
    return phc_text(phc);
}

Result<bool> PasswordHasher::verify(const std::string& phc, const SecretText& password) const {
    const auto stored = parse_phc(phc);
    if (!stored) {
        return failure(ErrorKind::internal, "internal", "stored password is not an Argon2id PHC string of ours");
    }
    const auto hash = TRY(argon2id(pepper_, password, stored->parameters, stored->salt));
    return equal_in_constant_time(hash, stored->hash);
}

bool PasswordHasher::outdated(std::string_view phc) const {
    const auto stored = parse_phc(phc);
    return !stored || stored->parameters != parameters_;
}

void release_hash_memory() {
    this_threads_memory().release();
}

}  // namespace madoguchi::crypto
