#include "crypto/keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "base/encoding.hpp"
#include "crypto/hmac.hpp"
#include "crypto/signing.hpp"

namespace madoguchi::crypto {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kKeyFileBytes = 64 * 1024;  // several hundred rotations
constexpr std::size_t kEnvelopeIdCharacters = 16;
constexpr std::string_view kEnvelopeFile = "envelope.keys";
constexpr std::string_view kAuditFile = "audit.keys";
constexpr std::string_view kSigningFile = "audit-signing.pem";

class FileDescriptor {
public:
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

tl::unexpected<Error> missing(const std::filesystem::path& file) {
    return failure(
        ErrorKind::internal, "keys_missing",
        fmt::format("{}: {}. Make keys with: madoguchi-server generate-keys", file.string(), std::strerror(errno)));
}

tl::unexpected<Error> malformed(const std::filesystem::path& file, std::string_view why) {
    return failure(ErrorKind::internal, "keys_malformed", fmt::format("{}: {}", file.string(), why));
}

Result<SecretText> read_private_file(const std::filesystem::path& file) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status = {};
    if (descriptor.number() < 0 || ::fstat(descriptor.number(), &status) != 0) {
        return missing(file);
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return failure(ErrorKind::internal, "keys_permissions",
                       fmt::format("{0}: others than its owner may use it. Run: chmod 600 {0}", file.string()));
    }
    if (!S_ISREG(status.st_mode) || status.st_size <= 0 || static_cast<std::size_t>(status.st_size) > kKeyFileBytes) {
        return malformed(file, "empty, too large, or not a plain file");
    }
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    if (::read(descriptor.number(), content.data(), content.size()) != status.st_size) {
        return malformed(file, "could not be read to its end");
    }
    return SecretText(std::move(content));
}

std::string_view without_line_end(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    return text;
}

// 32 bytes in hexadecimal. One byte repeated is somebody's placeholder, not a key.
std::optional<SecretText> key_from_hex(std::string_view hex) {
    auto bytes = from_hex(hex);
    if (!bytes || bytes->size() != kKeyBytes || bytes->find_first_not_of(bytes->front()) == std::string::npos) {
        return std::nullopt;
    }
    return SecretText(*std::move(bytes));
}

Result<SecretText> load_key(const std::filesystem::path& file) {
    const auto content = TRY(read_private_file(file));
    auto key = key_from_hex(without_line_end(content.reveal()));
    if (!key) {
        return malformed(file, "not 64 lower-case hexadecimal characters of a random key");
    }
    return *std::move(key);
}

bool usable_id(std::string_view id) {
    return !id.empty() && id.size() <= kEnvelopeIdCharacters &&
           std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<std::vector<EnvelopeKey>> parse_named_keys(const std::filesystem::path& file, std::string_view content) {
    std::vector<EnvelopeKey> keys;
    while (!content.empty()) {
        const auto end = std::min(content.find('\n'), content.size());
        const auto line = without_line_end(content.substr(0, end));
        content.remove_prefix(std::min(end + 1, content.size()));
        if (line.empty()) {
            continue;
        }
        const auto space = std::min(line.find(' '), line.size());
        const std::string id(line.substr(0, space));
        auto key = key_from_hex(line.substr(std::min(space + 1, line.size())));
        const bool known = std::any_of(keys.begin(), keys.end(), [&](const auto& other) { return other.id == id; });
        if (!usable_id(id) || known || !key) {
            return malformed(
                file, fmt::format("line {} is not a new id, a space and 64 hexadecimal characters", keys.size() + 1));
        }
        keys.push_back({id, *std::move(key)});
    }
    if (keys.empty()) {
        return malformed(file, "holds no key");
    }
    return keys;
}

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(descriptor, content.data(), content.size());
        if (written < 0) {
            return false;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

tl::unexpected<Error> unwritable(const std::filesystem::path& file) {
    return failure(ErrorKind::internal, "keys_unwritable", fmt::format("{}: {}", file.string(), std::strerror(errno)));
}

enum class IfPresent { keep, replace };

// Written aside, synced, then given its name in one step: a crash leaves either the whole file or none. False: one is
// there already.
Result<bool> place_file(const std::filesystem::path& file, const SecretText& content, IfPresent if_present) {
    auto aside = file;
    aside += fmt::format(".{}.new", ::getpid());
    const FileDescriptor descriptor(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (descriptor.number() < 0) {
        return unwritable(aside);
    }
    const bool written = write_all(descriptor.number(), content.reveal());
    const bool placed = written && (if_present == IfPresent::replace ? ::rename(aside.c_str(), file.c_str()) == 0
                                                                     : ::link(aside.c_str(), file.c_str()) == 0);
    const int reason = errno;
    ::unlink(aside.c_str());
    errno = reason;
    if (!placed && !(written && reason == EEXIST)) {
        return unwritable(file);
    }
    const FileDescriptor directory(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::fsync(directory.number());
    return placed;
}

std::string new_key_hex(Entropy& entropy) {
    return to_hex(entropy.bytes(kKeyBytes));
}

struct NamedLine {
    std::string id;
    SecretText line;
};

NamedLine new_named_line(Entropy& entropy) {
    constexpr std::size_t kIdBytes = 4;
    auto id = "k" + to_hex(entropy.bytes(kIdBytes));
    return {id, SecretText(id + " " + new_key_hex(entropy) + "\n")};
}

SecretText unnamed_audit_key(const SecretText& token_key) {
    return SecretText(hmac_sha256(token_key, "audit-digest"));
}

// Where there was a token.key before, its rows stay verifiable whatever becomes of it.
Result<SecretText> first_audit_lines(const std::filesystem::path& token_file, bool token_is_new, Entropy& entropy) {
    const auto line = new_named_line(entropy).line;
    if (token_is_new) {
        return line;
    }
    const auto unnamed = unnamed_audit_key(TRY(load_key(token_file)));
    return SecretText(std::string(kUnnamedAuditKey) + " " + to_hex(unnamed.reveal()) + "\n" + line.reveal());
}

Result<std::vector<EnvelopeKey>> load_audit_keys(const std::filesystem::path& file, const SecretText& token_key) {
    std::error_code error;
    if (!std::filesystem::exists(file, error) && !error) {
        return std::vector<EnvelopeKey>{{std::string(kUnnamedAuditKey), unnamed_audit_key(token_key)}};
    }
    const auto content = TRY(read_private_file(file));
    return parse_named_keys(file, content.reveal());
}

}  // namespace

Result<Keys> load_keys(const std::filesystem::path& directory) {
    Keys keys;
    keys.pepper = TRY(load_key(directory / "pepper.key"));
    keys.token = TRY(load_key(directory / "token.key"));
    keys.csrf = TRY(load_key(directory / "csrf.key"));
    const auto envelope = TRY(read_private_file(directory / kEnvelopeFile));
    keys.envelope = TRY(parse_named_keys(directory / kEnvelopeFile, envelope.reveal()));
    keys.audit = TRY(load_audit_keys(directory / kAuditFile, keys.token));
    keys.audit_signing_pem = TRY(read_private_file(directory / kSigningFile));
    TRY(SigningKey::from_pem(keys.audit_signing_pem));
    return keys;
}

Result<std::vector<std::string>> generate_keys(const std::filesystem::path& directory, Entropy& entropy) {
    std::error_code error;
    std::filesystem::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return unwritable(directory);
    }
    struct NewFile {
        std::string_view name;
        SecretText content;
    };
    const std::array<NewFile, 5> files = {{{"pepper.key", SecretText(new_key_hex(entropy) + "\n")},
                                           {"token.key", SecretText(new_key_hex(entropy) + "\n")},
                                           {"csrf.key", SecretText(new_key_hex(entropy) + "\n")},
                                           {kEnvelopeFile, new_named_line(entropy).line},
                                           {kSigningFile, SigningKey::generate_pem(entropy)}}};
    std::vector<std::string> made;
    for (const auto& file : files) {
        if (TRY(place_file(directory / file.name, file.content, IfPresent::keep))) {
            made.emplace_back(file.name);
        }
    }
    const bool token_is_new = std::find(made.begin(), made.end(), "token.key") != made.end();
    if (!std::filesystem::exists(directory / kAuditFile, error)) {
        const auto lines = TRY(first_audit_lines(directory / "token.key", token_is_new, entropy));
        if (TRY(place_file(directory / kAuditFile, lines, IfPresent::keep))) {
            made.emplace_back(kAuditFile);
        }
    }
    return made;
}

Result<std::string> rotate_envelope_key(const std::filesystem::path& directory, Entropy& entropy) {
    const auto file = directory / kEnvelopeFile;
    const auto content = TRY(read_private_file(file));
    TRY(parse_named_keys(file, content.reveal()));
    const auto added = new_named_line(entropy);
    const SecretText all(std::string(without_line_end(content.reveal())) + "\n" + added.line.reveal());
    TRY(place_file(file, all, IfPresent::replace));
    return added.id;
}

}  // namespace madoguchi::crypto
