#include "tokens/token_store.hpp"

#include <limits>

#include "directory/grant_lines.hpp"

namespace madoguchi::tokens {
namespace {

constexpr db::Query kIdentity = {"token.identity", R"(
    select token_id, token_name, scopes, sources, us(expires_at) as expires_at, us(last_used_at) as last_used_at, token_path, account_id,
           login_id, family_name, given_name, organization_id, organization_kind, organization_name, organization_path, grants
    from api_token_identities where token_digest = :digest)"};

constexpr db::Query kInsert = {"token.insert", R"(
    insert into api_tokens (token_digest, hint, name, account_id, account_path, made_by_name, organization_id, organization_path, scopes,
                            sources, created_at, expires_at)
    values (:digest, :hint, :name, :account, :account_path, :made_by, :organization, :path, :scopes, :sources, instant(:now),
            instant(:expires_at))
    returning id)"};

constexpr db::Query kCountLiving = {"token.count_living", R"(
    select count(*) as living from api_tokens where account_id = :account and revoked_at is null and expires_at > instant(:now))"};

constexpr db::Query kList = {"token.list", R"(
    select t.id, t.hint, t.name, t.account_id, t.account_path, t.made_by_name, t.scopes, t.sources, o.id as organization_id, o.kind, o.path,
           o.name as organization_name, us(t.created_at) as created_at, us(t.expires_at) as expires_at,
           us(t.last_used_at) as last_used_at, t.last_used_source, us(t.revoked_at) as revoked_at, t.revoked_by_name,
           exists (select 1 from api_token_identities i where i.token_id = t.id) as maker_may
    from api_tokens t join organizations o on o.id = t.organization_id
    where t.id < :before order by t.id desc limit :limit)"};

constexpr db::Query kFind = {"token.find", R"(
    select t.id, t.hint, t.name, t.account_id, t.account_path, t.made_by_name, t.scopes, t.sources, o.id as organization_id, o.kind, o.path,
           o.name as organization_name, us(t.created_at) as created_at, us(t.expires_at) as expires_at,
           us(t.last_used_at) as last_used_at, t.last_used_source, us(t.revoked_at) as revoked_at, t.revoked_by_name,
           exists (select 1 from api_token_identities i where i.token_id = t.id) as maker_may
    from api_tokens t join organizations o on o.id = t.organization_id
    where t.id = :id)"};

constexpr db::Query kRevoke = {"token.revoke", R"(
    update api_tokens set revoked_at = instant(:now), revoked_by_name = :name where id = :id and revoked_at is null)"};

constexpr db::Query kTouch = {"token.touch", R"(
    update api_tokens set last_used_at = instant(:now), last_used_source = :source where id = :id)"};

constexpr char kSeparator = ' ';

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : std::string(1, kSeparator)) + word;
    }
    return out;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(kSeparator), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::vector<Scope> scopes_of(std::string_view text) {
    std::vector<Scope> out;
    for (const auto& word : words_of(text)) {
        out.push_back(scope(word).value());
    }
    return out;
}

ApiToken to_token(const db::Row& row) {
    return {.id = row.get<TokenId>("id"),
            .hint = row.get<std::string>("hint"),
            .name = row.get<std::string>("name"),
            .maker = row.get<AccountId>("account_id"),
            .maker_path = row.get<std::string>("account_path"),
            .maker_name = row.get<std::string>("made_by_name"),
            .maker_may = row.get<bool>("maker_may"),
            .organization = {row.get<OrganizationId>("organization_id"),
                             directory::organization_kind(row.get<std::string>("kind")).value(),
                             row.get<std::string>("path"), row.get<std::string>("organization_name")},
            .scopes = scopes_of(row.get<std::string>("scopes")),
            .sources = words_of(row.get<std::string>("sources")),
            .created_at = row.get<Instant>("created_at"),
            .expires_at = row.get<Instant>("expires_at"),
            .last_used_at = row.get<std::optional<Instant>>("last_used_at"),
            .last_used_source = row.get<std::optional<std::string>>("last_used_source").value_or(""),
            .revoked_at = row.get<std::optional<Instant>>("revoked_at"),
            .revoked_by = row.get<std::optional<std::string>>("revoked_by_name").value_or("")};
}

}  // namespace

std::string_view to_text(TokenState state) {
    switch (state) {
        case TokenState::active:
            return "active";
        case TokenState::expired:
            return "expired";
        case TokenState::revoked:
            return "revoked";
        case TokenState::maker_gone:
            break;
    }
    return "maker_gone";
}

TokenState state_of(const ApiToken& token, Instant now) {
    return token.revoked_at          ? TokenState::revoked
           : token.expires_at <= now ? TokenState::expired
           : !token.maker_may        ? TokenState::maker_gone
                                     : TokenState::active;
}

Result<std::optional<TokenIdentity>> TokenStore::identity(db::Database& database, const std::string& digest) const {
    const auto row = TRY(database.read_prepared(kIdentity, digest));
    if (!row) {
        return std::optional<TokenIdentity>();
    }
    TokenIdentity identity{
        .principal = {.account = row->get<AccountId>("account_id"),
                      .login_id = row->get<std::string>("login_id"),
                      .name = row->get<std::string>("token_name"),
                      .home = {row->get<OrganizationId>("organization_id"),
                               directory::organization_kind(row->get<std::string>("organization_kind")).value(),
                               row->get<std::string>("organization_path"), row->get<std::string>("organization_name")},
                      .grants = directory::grants_of_lines(row->get<std::string>("grants")),
                      .session = {},
                      .channel = "token",
                      .source = {},
                      .request_id = {}},
        .expires_at = row->get<Instant>("expires_at"),
        .last_used_at = row->get<std::optional<Instant>>("last_used_at")};
    identity.principal.limits =
        directory::TokenLimits{.token = row->get<TokenId>("token_id"),
                               .name = row->get<std::string>("token_name"),
                               .path = row->get<std::string>("token_path"),
                               .permissions = permissions_of(scopes_of(row->get<std::string>("scopes")))};
    for (const auto& range : words_of(row->get<std::string>("sources"))) {
        identity.sources.push_back(TRY(SourceRange::parse(range)));
    }
    return std::optional(std::move(identity));
}

Result<TokenId> TokenStore::insert(db::Transaction& tx, const NewToken& token, Instant now) const {
    std::vector<std::string> scopes;
    for (const Scope scope : token.scopes) {
        scopes.emplace_back(to_text(scope));
    }
    const auto row = TRY(tx.one(kInsert, token.digest, token.hint, token.name, token.maker, token.maker_path,
                                token.maker_name, token.organization.id, token.organization.path, joined(scopes),
                                joined(token.sources), now, token.expires_at));
    return row.get<TokenId>("id");
}

Result<std::int64_t> TokenStore::count_living(db::Transaction& tx, AccountId maker, Instant now) const {
    return TRY(tx.one(kCountLiving, maker, now)).get<std::int64_t>("living");
}

Result<std::vector<ApiToken>> TokenStore::list(db::Transaction& tx, const TokenFilter& filter) const {
    const auto before = filter.before_id == 0 ? std::numeric_limits<std::int64_t>::max() : filter.before_id;
    std::vector<ApiToken> out;
    for (const auto& row : TRY(tx.many(kList, before, filter.limit))) {
        out.push_back(to_token(row));
    }
    return out;
}

Result<std::optional<ApiToken>> TokenStore::find(db::Transaction& tx, TokenId id) const {
    const auto row = TRY(tx.maybe_one(kFind, id));
    return row ? std::optional(to_token(*row)) : std::nullopt;
}

Result<std::int64_t> TokenStore::revoke(db::Transaction& tx, TokenId id, const std::string& by_name,
                                        Instant now) const {
    return tx.execute(kRevoke, now, by_name, id);
}

Result<void> TokenStore::touch(db::Transaction& tx, TokenId id, const std::string& source, Instant now) const {
    TRY(tx.execute(kTouch, now, source, id));
    return {};
}

}  // namespace madoguchi::tokens
