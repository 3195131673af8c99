#include "admin-cli/token_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace madoguchi::admin_cli {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kLargestFileBytes = 1024 * 1024;  // hundreds of servers; more is not our file

class File {
public:
    explicit File(int number) : number_(number) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (number_ >= 0) {
            close(number_);
        }
    }
    int number() const { return number_; }

private:
    int number_;
};

tl::unexpected<Failure> unwritable(const std::string& path, Language language) {
    return fail(ExitCode::failed, say(language, texts::kFileUnwritable, path, std::strerror(errno)));
}

Outcome<Json> read_tokens(const std::string& path, Language language) {
    const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.number() < 0) {
        if (errno == ENOENT) {
            return Json::object();
        }
        return fail(ExitCode::failed, say(language, texts::kFileUnreadable, path, std::strerror(errno)));
    }
    struct stat status {};
    if (fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & 077U) != 0) {
        return fail(ExitCode::failed, say(language, texts::kFileOpenToOthers, path),
                    say(language, texts::kFileOpenToOthersAdvice, path));
    }
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
        const ssize_t count = read(file.number(), part.data(), part.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0 || text.size() > kLargestFileBytes) {
            break;
        }
        text.append(part.data(), static_cast<std::size_t>(count));
    }
    Json tokens = Json::parse(text, nullptr, false);
    if (!tokens.is_object() || !tokens.value("servers", Json()).is_object()) {
        return fail(ExitCode::failed, say(language, texts::kTokenFileBroken, path),
                    say(language, texts::kTokenFileBrokenAdvice));
    }
    return tokens["servers"];
}

Outcome<void> write_tokens(const std::string& path, const Json& servers, Language language) {
    std::uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random)) {
        return unwritable(path, language);
    }
    const std::string temporary = path + "." + std::to_string(random);
    const std::string text = Json{{"version", 1}, {"servers", servers}}.dump(2) + "\n";
    const File file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.number() < 0) {
        return unwritable(temporary, language);
    }
    const bool written = write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         fsync(file.number()) == 0 && rename(temporary.c_str(), path.c_str()) == 0;
    if (!written) {
        auto failure = unwritable(path, language);
        unlink(temporary.c_str());
        return failure;
    }
    return {};
}

}  // namespace

TokenStore::TokenStore(std::string folder, Language language) : folder_(std::move(folder)), language_(language) {}

Outcome<std::optional<StoredToken>> TokenStore::find(const std::string& server) const {
    const Json servers = CLI_TRY(read_tokens(path(), language_));
    const auto found = servers.find(server);
    if (found == servers.end()) {
        return std::optional<StoredToken>();
    }
    const auto text = [&](const char* name) {
        const auto value = found->is_object() ? found->find(name) : found->end();
        return found->is_object() && value != found->end() && value->is_string() ? value->get<std::string>()
                                                                                 : std::string();
    };
    StoredToken stored{.token = text("token"), .expires_at = text("expires_at"), .login_id = text("login_id")};
    return stored.token.empty() ? std::optional<StoredToken>() : std::optional(std::move(stored));
}

template <class Change>
Outcome<void> TokenStore::change(Change apply) {
    std::error_code error;
    const std::filesystem::path folder(folder_);
    std::filesystem::create_directories(folder.parent_path(), error);
    if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
        return unwritable(folder_, language_);
    }
    // Two sign-ins at once (to two servers, say) must not lose each other's token.
    const std::string lock_path = folder_ + "/tokens.lock";
    const File lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock.number() < 0 || flock(lock.number(), LOCK_EX) != 0) {
        return unwritable(lock_path, language_);
    }
    Json servers = CLI_TRY(read_tokens(path(), language_));
    apply(servers);
    return write_tokens(path(), servers, language_);
}

Outcome<void> TokenStore::keep(const std::string& server, const StoredToken& token) {
    return change([&](Json& servers) {
        servers[server] = {{"token", token.token}, {"expires_at", token.expires_at}, {"login_id", token.login_id}};
    });
}

Outcome<void> TokenStore::remove(const std::string& server) {
    if (!CLI_TRY(find(server))) {
        return {};
    }
    return change([&](Json& servers) { servers.erase(server); });
}

Outcome<std::string> token_folder(const std::optional<std::string>& state_home, const std::optional<std::string>& home,
                                  Language language) {
    // The XDG specification: a relative path is to be ignored.
    if (state_home && state_home->starts_with('/')) {
        return *state_home + "/madoguchi";
    }
    if (home && home->starts_with('/')) {
        return *home + "/.local/state/madoguchi";
    }
    return fail(ExitCode::failed, say(language, texts::kNoHome));
}

}  // namespace madoguchi::admin_cli
