#include "accounts/handover_api.hpp"

#include <algorithm>

#include "base/api_limits.hpp"
#include "base/file_limits.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Guard;
using http::Response;
using HttpRequest = http::Request;

template <class IdType>
Result<IdType> wanted(const HttpRequest& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    return id ? Result<IdType>(IdType{*id}) : failure(ErrorKind::not_found, "not_found");
}

Locale language_of(http::JsonReader& reader) {
    const auto name = reader.optional_text("language").value_or("ja");
    if (name != "ja" && name != "en") {
        reader.errors().add("language", "unknown_value");
    }
    return name == "en" ? Locale::en : Locale::ja;
}

// --- contacts ---

Result<Response> contact(HandoverService& handover, const directory::Principal& principal, OrganizationId organization,
                         Instant now) {
    const auto found = TRY(handover.registered(principal, organization, now));
    if (!found) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return Response::json(200, {{"phone", found->phone_masked},
                                {"registered_at", format_rfc3339_japan(found->registered_at)},
                                {"registered_by", found->registered_by}});
}

Result<Response> show_contact(HandoverService& handover, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    return contact(handover, principal, TRY(wanted<OrganizationId>(request)), request.now);
}

Result<Response> set_contact(HandoverService& handover, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    const auto organization = TRY(wanted<OrganizationId>(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto phone = reader.text("phone");
    TRY(reader.finish());
    TRY(handover.register_contact(principal, organization, phone, request.now));
    return contact(handover, principal, organization, request.now);
}

Result<Response> remove_contact(HandoverService& handover, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    TRY(handover.remove_contact(principal, TRY(wanted<OrganizationId>(request)), request.now));
    return Response::empty(204);
}

// --- links ---

nlohmann::json to_json(const HandoverLink& link, Instant now) {
    return {{"id", std::to_string(link.id.value)},
            {"account_id", std::to_string(link.account.value)},
            {"state", to_text(state_of(link, now))},
            {"sent_to", link.sent_to},
            {"sent_by", link.sent_by},
            {"sent_at", format_rfc3339_japan(link.sent_at)},
            {"expires_at", format_rfc3339_japan(link.expires_at)},
            {"opened_at", http::optional_time(link.opened_at)}};
}

Result<nlohmann::json> links_of(HandoverService& handover, const directory::Principal& principal, AccountId account,
                                Instant now) {
    nlohmann::json out = {{"links", nlohmann::json::array()}};
    for (const auto& link : TRY(handover.links(principal, account, limits::kLinksOfAccount, now))) {
        out["links"].push_back(to_json(link, now));
    }
    return out;
}

Result<Response> list(HandoverService& handover, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    const auto account = TRY(wanted<AccountId>(request));
    TRY(handover.draft(principal, account, request.now));  // not_found, where there is no such account
    return Response::json(200, TRY(links_of(handover, principal, account, request.now)));
}

// "printed_before" and "last_link" are what the caller has seen: 0 and nothing where the account is new.
Result<Response> send(HandoverService& handover, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    const auto account = TRY(wanted<AccountId>(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto prints = reader.optional_integer("printed_before").value_or(0);
    const HandoverLinkId seen{reader.optional_identifier("last_link").value_or(0)};
    const auto language = language_of(reader);
    TRY(reader.finish());
    const auto bounded = static_cast<int>(std::clamp<std::int64_t>(prints, 0, limits::kApiRows));
    auto sent_to = TRY(handover.send(principal, account, bounded, seen, language, request.now));
    auto out = TRY(links_of(handover, principal, account, request.now));
    out["sent_to"] = std::move(sent_to);
    return Response::json(202, out);
}

Result<Response> send_batch(HandoverService& handover, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    const auto batch = TRY(wanted<BatchId>(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto bounded = [](std::int64_t row) {
        return static_cast<int>(std::clamp<std::int64_t>(row, 0, limits::kApiRows));
    };
    const auto first = bounded(reader.optional_integer("first_row").value_or(1));
    const auto last = bounded(reader.optional_integer("last_row").value_or(limits::kApiRows));
    const auto language = language_of(reader);
    TRY(reader.finish());
    const auto sent = TRY(handover.send_batch(principal, batch, first, last, language, request.now));
    return Response::json(
        202, {{"sent", sent.sent}, {"without_contact", sent.without_contact}, {"to_be_sent_later", sent.capped}});
}

}  // namespace

void add_handover_api(http::RouteTable& routes, HandoverService& handover, const Guard& guard) {
    using http::Method;
    using Handler = Result<Response> (*)(HandoverService&, const Guard&, const HttpRequest&);
    const auto add = [&](Method method, const char* pattern, Handler handler) {
        routes.api(method, pattern, [&handover, guard, handler](const HttpRequest& request) {
            return handler(handover, guard, request);
        });
    };
    add(Method::get, "/api/v1/organizations/{id}/handover-contact", show_contact);
    add(Method::put, "/api/v1/organizations/{id}/handover-contact", set_contact);
    add(Method::del, "/api/v1/organizations/{id}/handover-contact", remove_contact);
    add(Method::get, "/api/v1/accounts/{id}/handover-links", list);
    add(Method::post, "/api/v1/accounts/{id}/handover-links", send);
    add(Method::post, "/api/v1/account-batches/{id}/handover-links", send_batch);
}

}  // namespace madoguchi::accounts
