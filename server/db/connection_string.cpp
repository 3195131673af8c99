#include "db/connection_string.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <map>
#include <memory>

namespace madoguchi::db {

namespace {

using Keywords = std::map<std::string, std::string>;

Result<Keywords> parse(const std::string& url) {
    if (url.empty() || url.find('\0') != std::string::npos) {
        return invalid_field("database.url", "invalid_database_url");
    }
    char* reason = nullptr;
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconninfoParse(url.c_str(), &reason),
                                                                                 PQconninfoFree);
    PQfreemem(reason);  // not for us to repeat: it quotes parts of the URL
    if (options == nullptr) {
        return invalid_field("database.url", "invalid_database_url");
    }
    Keywords keywords;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            keywords[option->keyword] = option->val;
        }
    }
    return keywords;
}

std::string quoted(std::string_view value) {
    std::string text = "'";
    for (const char character : value) {
        if (character == '\'' || character == '\\') {
            text += '\\';
        }
        text += character;
    }
    return text + "'";
}

std::string options(const ConnectionSettings& settings, const std::string& of_url) {
    // The settings of row-level security start as '' instead of being unknown, as they are after a transaction.
    return fmt::format(
        "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} {}{}"
        "-c TimeZone=UTC -c madoguchi.jurisdiction= -c madoguchi.account=",
        settings.statement_timeout.count(), settings.lock_timeout.count(),
        std::chrono::milliseconds(limits::kIdleInTransactionTimeout).count(), of_url, of_url.empty() ? "" : " ");
}

}  // namespace

Result<SecretText> connection_string(const ConnectionSettings& settings) {
    Keywords keywords = TRY(parse(settings.url));
    if (!settings.user.empty()) {
        keywords["user"] = settings.user;
    }
    if (!settings.password.empty()) {
        keywords["password"] = settings.password.reveal();
    }
    keywords["application_name"] = settings.application_name;
    keywords["client_encoding"] = "UTF8";
    keywords["options"] = options(settings, keywords["options"]);
    // emplace: the URL's own word counts. A host that falls off the network must not hold a thread for hours.
    const auto silence = std::chrono::seconds(limits::kNetworkSilence).count();
    keywords.emplace("connect_timeout", std::to_string(std::chrono::seconds(limits::kConnectTimeout).count()));
    keywords.emplace("tcp_user_timeout", std::to_string(silence * 1000));
    keywords.emplace("keepalives_idle", std::to_string(silence / 2));
    keywords.emplace("keepalives_interval", "2");
    keywords.emplace("keepalives_count", std::to_string(silence / 4));
    std::string text;
    for (const auto& [keyword, value] : keywords) {
        text += keyword + "=" + quoted(value) + " ";
    }
    return SecretText(std::move(text));
}

Result<SecretText> migration_connection_string(ConnectionSettings settings) {
    settings.application_name = "madoguchi-migrations";
    settings.statement_timeout = std::chrono::milliseconds(0);
    settings.lock_timeout = limits::kMigrationLockWait;
    return connection_string(settings);
}

}  // namespace madoguchi::db
