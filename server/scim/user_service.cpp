#include "scim/user_service.hpp"

#include <algorithm>

#include "base/japanese_text.hpp"
#include "base/scim_limits.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "scim/patch.hpp"

namespace madoguchi::scim {
namespace {

using accounts::AccountAct;
using accounts::AccountState;
using directory::Permission;
using nlohmann::json;

constexpr auto kReason = "SCIM";  // a client gives none
constexpr std::int64_t kOfNobody = 0;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

tl::unexpected<Error> too_many() {
    return failure(Error{.kind = ErrorKind::invalid,
                         .message_id = "scim_too_many",
                         .values = {{"maximum", std::to_string(limits::kScimWalkedRows)}}});
}

std::string text_at(const json& resource, const json::json_pointer& place) {
    const auto found = resource.contains(place) ? resource.at(place) : json(nullptr);
    return found.is_string() ? found.get<std::string>() : std::string();
}

const json::json_pointer& extension() {
    static const json::json_pointer kPlace("/" + std::string(kUserExtension));
    return kPlace;
}

accounts::Names names_of(const json& user) {
    return {text_at(user, json::json_pointer("/name/familyName")), text_at(user, json::json_pointer("/name/givenName")),
            text_at(user, extension() / "familyKana"), text_at(user, extension() / "givenKana")};
}

Result<OrganizationId> organization_of(const json& user) {
    const auto id = http::parse_identifier(text_at(user, extension() / "organization" / "id"));
    return id ? Result<OrganizationId>(OrganizationId{*id})
              : bad_value(std::string(kUserExtension) + ":organization.id");
}

Result<std::string> external_id_of(const json& user) {
    auto out = user.value("externalId", std::string());
    return out.size() <= limits::kScimExternalIdBytes ? Result<std::string>(std::move(out)) : bad_value("externalId");
}

bool is_elsewhere(const Error& error) {
    return error.kind == ErrorKind::not_found || (!error.fields.empty() && error.fields[0].message_id == "not_found");
}

audit::Entry attempt_of(const Principal& principal, std::string action, std::int64_t target, std::string name) {
    return {.action = std::move(action),
            .organization_path = principal.home.path,
            .target_kind = target == kOfNobody ? "organization" : "account",
            .target_id = target,
            .target_name = std::move(name)};
}

// The rules of single fields are told under the names that SCIM's clients know.
template <class T>
Result<T> in_scims_words(Result<T> result) {
    static const std::map<std::string, std::string> kNames = {
        {"login_id", "userName"},
        {"family_name", "name.familyName"},
        {"given_name", "name.givenName"},
        {"family_kana", std::string(kUserExtension) + ":familyKana"},
        {"given_kana", std::string(kUserExtension) + ":givenKana"},
        {"organization_id", std::string(kUserExtension) + ":organization.id"}};
    if (!result) {
        for (auto& field : result.error().fields) {
            const auto found = kNames.find(field.field);
            field.field = found == kNames.end() ? field.field : found->second;
        }
    }
    return result;
}

std::optional<UserConditions> indexed(const ListQuery& query) {
    UserConditions out;
    if (const auto id = equals(query.filter, "id", user_type())) {
        out.id = http::parse_identifier(*id).value_or(kOfNobody);
        return out;
    }
    if (const auto name = equals(query.filter, "userName", user_type())) {
        out.login_key = fold_login_id(*name);
        return out;
    }
    if (const auto external = equals(query.filter, "externalId", user_type())) {
        out.external_id = *external;
        return out;
    }
    return std::nullopt;
}

}  // namespace

Rendering UserService::rendering() const {
    return {parts_.base, &http::entity_tag};
}

// --- reading ---

Result<std::vector<UserRow>> UserService::with_grants(db::Transaction& tx, const Principal& principal,
                                                      std::vector<UserRow> rows, Instant now) const {
    std::erase_if(rows, [&](const UserRow& row) {
        return !directory::may(principal, Permission::read_directory, row.account.organization, now);
    });
    std::vector<std::int64_t> ids;
    std::ranges::transform(rows, std::back_inserter(ids), [](const UserRow& row) { return row.account.id.value; });
    auto grants = TRY(parts_.grants.standing(tx, ids, now));
    for (auto& row : rows) {
        row.account.grants = std::move(grants[row.account.id]);
    }
    return rows;
}

Result<std::vector<json>> UserService::resources(db::Transaction& tx, const Principal& principal,
                                                 std::vector<UserRow> rows, Instant now) const {
    std::vector<json> out;
    for (const auto& row : TRY(with_grants(tx, principal, std::move(rows), now))) {
        out.push_back(to_resource(row, rendering(), now));
    }
    return out;
}

Result<json> UserService::shown(db::Transaction& tx, const Principal& principal, AccountId id, Instant now) const {
    auto found = TRY(resources(tx, principal, TRY(store_.users(tx, {.id = id.value}, 0, 1)), now));
    return found.empty() ? Result<json>(hidden()) : std::move(found.front());
}

Result<json> UserService::show(const Principal& principal, AccountId id, Instant now) const {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::read_directory, now))) {
        auto found =
            parts_.database.transact(actor, [&](db::Transaction& tx) { return shown(tx, principal, id, now); });
        if (found || found.error().kind != ErrorKind::not_found) {
            return found;
        }
    }
    return hidden();
}

// Without a filter: as many as are asked for, out of what each grant reaches, one after the other.
Result<Listed> UserService::page(const Principal& principal, const std::vector<Actor>& actors, const ListQuery& query,
                                 Instant now) const {
    Listed out;
    auto left_out = query.start_index - 1;
    for (const Actor& actor : actors) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            const auto here = TRY(store_.count_users(tx, {}));
            out.total += here;
            const auto wanted = query.count - static_cast<int>(out.resources.size());
            if (wanted > 0 && left_out < here) {
                auto found = TRY(resources(tx, principal, TRY(store_.users(tx, {}, left_out, wanted)), now));
                std::ranges::move(found, std::back_inserter(out.resources));
            }
            left_out = std::max<std::int64_t>(0, left_out - here);
            return {};
        }));
    }
    return out;
}

Result<Listed> UserService::list(const Principal& principal, const ListQuery& query, Instant now) const {
    const auto actors = TRY(directory::acting(principal, Permission::read_directory, now));
    const bool by_id = !query.sort_by || (query.sort_by->path.attribute == "id" && !query.descending);
    if (!query.filter && by_id) {
        return page(principal, actors, query, now);
    }
    const auto conditions = indexed(query).value_or(UserConditions{});
    std::vector<json> found;
    for (const Actor& actor : actors) {
        auto here = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<std::vector<json>> {
            auto rows = TRY(store_.users(tx, conditions, 0, limits::kScimWalkedRows + 1));
            if (found.size() + rows.size() > static_cast<std::size_t>(limits::kScimWalkedRows)) {
                return too_many();
            }
            return resources(tx, principal, std::move(rows), now);
        }));
        std::ranges::move(here, std::back_inserter(found));
    }
    return paged(std::move(found), query, user_type());
}

// --- changing ---

Result<json> UserService::create(const Principal& principal, const json& body, Instant now) {
    const auto user = TRY(accept(body, user_type()));
    const auto external_id = TRY(external_id_of(user));
    const auto organization = TRY(organization_of(user));
    const accounts::IssueAccount command{.organization = organization,
                                         .login_id = user.at("userName").get<std::string>(),
                                         .names = names_of(user),
                                         .handover = accounts::Handover::by_letter};
    const auto attempt = attempt_of(principal, "account.issue", kOfNobody, fold_login_id(command.login_id));
    const auto actors = directory::acting(principal, Permission::issue_account, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    Result<json> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<json> {
            const auto issued = TRY(parts_.accounts.issue_inside(tx, principal, actor, command, now));
            const UserRow fresh{.account = issued.account};
            TRY(set_external_id(tx, actor, fresh, external_id, now));
            if (!user.value("active", true)) {
                TRY(parts_.accounts.act_inside(tx, principal, actor, issued.account.id, AccountAct::suspend, kReason,
                                               now));
            }
            return shown(tx, principal, issued.account.id, now);
        });
        if (result || !is_elsewhere(result.error())) {
            break;
        }
    }
    return in_scims_words(std::move(result));
}

Result<UserRow> UserService::locked(db::Transaction& tx, const Principal& principal, AccountId id,
                                    const Precondition& precondition, Instant now) const {
    auto row = TRY(store_.lock_user(tx, id));
    if (!row) {
        return hidden();
    }
    auto rows = TRY(with_grants(tx, principal, {std::move(*row)}, now));
    if (rows.empty() || !directory::may(principal, Permission::issue_account, rows[0].account.organization, now)) {
        return hidden();
    }
    const auto version = to_resource(rows[0], rendering(), now).at("meta").at("version").get<std::string>();
    return !precondition || precondition(version) ? Result<UserRow>(std::move(rows[0]))
                                                  : failure(ErrorKind::conflict, "changed_meanwhile");
}

Result<void> UserService::set_external_id(db::Transaction& tx, const Actor& actor, const UserRow& current,
                                          const std::string& external_id, Instant now) {
    if (external_id == current.external_id) {
        return {};
    }
    const auto& account = current.account;
    TRY(store_.set_external_id(tx, account.id, external_id, now));
    return parts_.audit.append(tx, actor,
                               {.action = "account.external_id",
                                .organization_path = account.organization.path,
                                .target_kind = "account",
                                .target_id = account.id.value,
                                .target_name = account.login_id,
                                .before = {{"external_id", current.external_id}},
                                .after = {{"external_id", external_id}}},
                               now);
}

Result<void> UserService::carry_out(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                    const UserRow& current, const json& wanted, Instant now) {
    const auto& account = current.account;
    if (fold_login_id(wanted.value("userName", account.login_id)) != fold_login_id(account.login_id)) {
        return not_mutable("userName");
    }
    if (TRY(organization_of(wanted)) != account.organization.id) {
        return not_mutable(std::string(kUserExtension) + ":organization.id");
    }
    TRY(directory::may_act_on(principal, Permission::issue_account, account.id, account.grants, now));
    const auto names = names_of(wanted);
    const bool renamed = names.family_name != account.family_name || names.given_name != account.given_name ||
                         names.family_kana != account.family_kana || names.given_kana != account.given_kana;
    if (renamed) {
        TRY(parts_.accounts.rename_inside(tx, principal, actor, account.id, names, now));
    }
    TRY(set_external_id(tx, actor, current, TRY(external_id_of(wanted)), now));
    const bool is_active = account.state != AccountState::suspended;
    const bool shall_be = wanted.value("active", is_active);
    if (is_active != shall_be) {
        const auto act = shall_be ? AccountAct::resume : AccountAct::suspend;
        TRY(parts_.accounts.act_inside(tx, principal, actor, account.id, act, kReason, now));
    }
    return {};
}

Result<json> UserService::change(const Principal& principal, AccountId id, const Precondition& precondition,
                                 Instant now, const Change& wanted) {
    const auto attempt = attempt_of(principal, "account.rename", id.value, {});
    const auto actors = directory::acting(principal, Permission::issue_account, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    Result<json> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<json> {
            const auto current = TRY(locked(tx, principal, id, precondition, now));
            const auto user = TRY(wanted(to_resource(current, rendering(), now)));
            TRY(carry_out(tx, principal, actor, current, user, now));
            return shown(tx, principal, id, now);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return in_scims_words(std::move(result));
}

Result<json> UserService::replace(const Principal& principal, AccountId id, const json& body,
                                  const Precondition& precondition, Instant now) {
    auto user = TRY(accept(body, user_type()));
    return change(principal, id, precondition, now, [&](const json&) { return Result<json>(user); });
}

Result<json> UserService::patch(const Principal& principal, AccountId id, const json& body,
                                const Precondition& precondition, Instant now) {
    return change(principal, id, precondition, now,
                  [&](const json& current) { return patched(current, body, user_type()); });
}

Result<void> UserService::remove(const Principal& principal, AccountId id, const Precondition& precondition,
                                 Instant now) {
    const auto attempt = attempt_of(principal, "account.close", id.value, {});
    const auto actors = directory::acting(principal, Permission::issue_account, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    Result<void> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<void> {
            TRY(locked(tx, principal, id, precondition, now));
            TRY(parts_.accounts.act_inside(tx, principal, actor, id, AccountAct::close, kReason, now));
            return {};
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

}  // namespace madoguchi::scim
