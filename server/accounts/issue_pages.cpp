#include "accounts/issue_pages.hpp"

#include <algorithm>

#include "accounts/account_pages.hpp"
#include "base/file_limits.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "directory/organization_codes.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {

using directory::OrganizationKind;
using directory::Permission;
using http::Method;
using http::Response;

namespace {

constexpr std::size_t kOthersShown = 5;

std::optional<directory::Role> role_for(OrganizationKind kind, const std::string& wanted) {
    if (wanted != "administrator") {
        return directory::usual_role(kind);
    }
    switch (kind) {
        case OrganizationKind::health_center:
            return directory::Role::health_center_admin;
        case OrganizationKind::facility:
        case OrganizationKind::follow_up_center:
            return directory::Role::facility_admin;
        default:
            return directory::usual_role(kind);
    }
}

int status_of(const Error& error) {
    return error.kind == ErrorKind::conflict ? 409 : error.kind == ErrorKind::forbidden ? 403 : 400;
}

bool is_new_to_us(const std::string& typed) {
    return directory::parse_institution_code(typed).has_value();
}

}  // namespace

void IssuePages::add_pages() {
    const auto add = [&](Method method, std::string pattern,
                         Page (IssuePages::*handler)(const http::Request&, const Principal&)) {
        console_.page(method, std::move(pattern),
                      [this, handler](const http::Request& request, const Principal& principal) {
                          return (this->*handler)(request, principal);
                      });
    };
    add(Method::get, "/issue", &IssuePages::form);
    add(Method::post, "/issue", &IssuePages::submit);
    add(Method::get, "/issue/{id}", &IssuePages::issued);
}

IssuePages::Typed IssuePages::read_form(const http::Fields& form) {
    Typed typed{
        .facility = strip_spaces(form.text("facility")),
        .organization = {http::parse_identifier(form.text("organization")).value_or(0)},
        .names = {form.text("family_name"), form.text("given_name"), form.text("family_kana"), form.text("given_kana")},
        .role = form.text("role") == "administrator" ? "administrator" : "usual",
        .login_id = form.text("login_id"),
        .new_facility = form.text("new_facility") == "1",
        .facility_fields = {}};
    typed.facility_fields = {.kind = OrganizationKind::facility,
                             .parent = {},
                             .name = form.text("name"),
                             .kana = form.text("kana"),
                             .institution_code = typed.facility,
                             .local_government_code = {},
                             .phone = form.text("phone"),
                             .postal_code = form.text("postal_code"),
                             .address = form.text("address")};
    return typed;
}

void IssuePages::set_typed(render::View& page, const Typed& typed) const {
    page.set("FACILITY", typed.facility).set("FAMILY_NAME", typed.names.family_name);
    page.set("GIVEN_NAME", typed.names.given_name).set("FAMILY_KANA", typed.names.family_kana);
    page.set("GIVEN_KANA", typed.names.given_kana).set("ROLE", typed.role);
    page.show(typed.role == "administrator" ? "ROLE_ADMINISTRATOR" : "ROLE_USUAL");
    page.set("NAME", typed.facility_fields.name).set("KANA", typed.facility_fields.kana);
    page.set("PHONE", typed.facility_fields.phone).set("POSTAL_CODE", typed.facility_fields.postal_code);
    page.set("ADDRESS", typed.facility_fields.address);
}

IssuePages::Page IssuePages::form(const Request& request, const Principal& principal) {
    TRY(directory::acting(principal, Permission::issue_account, request.now));
    Typed typed{.role = "usual"};
    // From the page of an organization.
    if (const auto id = http::parse_identifier(request.query.text("organization"))) {
        if (const auto place = organizations_.show(principal, {*id}, request.now)) {
            typed.facility = place->institution_code.empty() ? place->name : place->institution_code;
        }
    }
    return draw(request, principal, typed, {}, nullptr);
}

IssuePages::Page IssuePages::submit(const Request& request, const Principal& principal) {
    TRY(directory::acting(principal, Permission::issue_account, request.now));
    const auto form = TRY(request.form());
    auto typed = read_form(form);
    if (form.text("act") == "change") {
        return draw(request, principal, typed, {}, nullptr);
    }
    if (form.text("act") == "issue") {
        return issue(request, principal, typed);
    }
    return check(request, principal, std::move(typed));
}

// A whole code means that one facility; anything else is looked for in names, kana and codes.
Result<IssuePages::Found> IssuePages::find(const Principal& principal, const Typed& typed, Instant now) {
    Found found;
    if (typed.organization) {
        auto place = organizations_.show(principal, typed.organization, now);
        if (place) {
            found.chosen = std::move(*place);
        }
        return found;
    }
    const auto code = directory::parse_institution_code(typed.facility);
    directory::OrganizationFilter filter{.kind = std::nullopt,
                                         .search = code ? code->code : search_key(typed.facility),
                                         .limit = limits::kFacilitiesFound};
    for (const auto kind : directory::kOrganizationKinds) {
        filter.kind = std::string(directory::to_text(kind));
        const directory::OrganizationRef somewhere{{}, kind, principal.home.path, {}};
        const bool of_my_kinds = std::ranges::any_of(principal.grants, [&](const directory::Grant& grant) {
            return std::ranges::find(directory::issues_for(grant.role), kind) !=
                   directory::issues_for(grant.role).end();
        });
        if (!of_my_kinds && kind != principal.home.kind) {
            continue;
        }
        for (auto& place : TRY(organizations_.list(principal, filter, now))) {
            const bool mine = directory::may(principal, Permission::issue_account, directory::ref(place), now);
            if (mine && place.state == "active" && (!code || place.institution_code == code->code)) {
                found.several.push_back(std::move(place));
            }
        }
    }
    const auto exact = std::ranges::find_if(found.several, [&](const directory::Organization& place) {
        return search_key(place.name) == search_key(typed.facility);
    });
    if (found.several.size() == 1) {
        found.chosen = found.several.front();
    } else if (exact != found.several.end() && std::ranges::count_if(found.several, [&](const auto& place) {
                                                   return search_key(place.name) == search_key(typed.facility);
                                               }) == 1) {
        found.chosen = *exact;
    }
    return found;
}

IssuePages::Page IssuePages::draw(const Request& request, const Principal& principal, const Typed& typed,
                                  const Found& found, const Error* error) {
    render::View page = console_.view(request, principal, "issue");
    set_typed(page, typed);
    for (const auto& place : found.several) {
        auto& shown = page.add("FOUND");
        shown.set("FOUND_ID", std::to_string(place.id.value)).set("FOUND_NAME", place.name);
        shown.set("FOUND_CODE", place.institution_code).set("FOUND_ADDRESS", place.address);
    }
    if (!found.several.empty()) {
        page.show("SEVERAL");
    }
    if (typed.new_facility) {
        page.show("NEW_FACILITY");
    }
    page.set("BACK", "/issue");
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "issue", page, error == nullptr ? 200 : status_of(*error));
}

IssuePages::Page IssuePages::check(const Request& request, const Principal& principal, Typed typed) {
    if (typed.facility.empty() && !typed.organization) {
        const Error error = invalid_field("facility", "required").value();
        return draw(request, principal, typed, {}, &error);
    }
    const auto found = TRY(find(principal, typed, request.now));
    if (found.chosen) {
        typed.organization = found.chosen->id;
        return check_found(request, principal, typed, *found.chosen);
    }
    if (!found.several.empty()) {
        const Error error = invalid_field("organization", "issue_choose").value();
        return draw(request, principal, typed, found, &error);
    }
    if (!is_new_to_us(typed.facility)) {
        const auto reason = fold_digits(typed.facility)
                                ? directory::parse_institution_code(typed.facility, "facility").error()
                                : invalid_field("facility", "issue_not_found").value();
        return draw(request, principal, typed, {}, &reason);
    }
    return check_new(request, principal, typed);
}

// The dry run takes the ID's number, which stays taken: what is shown is what will be issued.
IssuePages::Page IssuePages::check_found(const Request& request, const Principal& principal, const Typed& typed,
                                         const directory::Organization& organization) {
    const IssueAccount command{.organization = organization.id,
                               .login_id = typed.login_id,
                               .names = typed.names,
                               .role = role_for(organization.kind, typed.role),
                               .handover = Handover::by_letter};
    const auto tried = accounts_.issue(principal, command, directory::Mode::dry_run, request.now);
    if (!tried && (tried.error().kind == ErrorKind::internal || tried.error().kind == ErrorKind::unavailable)) {
        return failure(tried.error());
    }
    if (!tried) {
        return draw(request, principal, typed, {}, &tried.error());
    }
    render::View page = console_.view(request, principal, "issue");
    set_typed(page, typed);
    const auto& account = tried->account;
    page.set("FAMILY_NAME", account.family_name).set("GIVEN_NAME", account.given_name);
    page.set("FAMILY_KANA", account.family_kana).set("GIVEN_KANA", account.given_kana);
    page.set("PERSON", person(account)).set("NEW_LOGIN_ID", account.login_id);
    page.set("ORGANIZATION_ID", std::to_string(organization.id.value)).set("PLACE_NAME", organization.name);
    if (!organization.institution_code.empty()) {
        page.add("PLACE_CODE").set("CODE", organization.institution_code);
    }
    if (!organization.address.empty()) {
        page.add("PLACE_ADDRESS").set("PLACE_ADDRESS_TEXT", organization.address);
    }
    page.set("ROLE_NAME", console_.text(request, "role." + std::string(directory::to_text(*command.role))));
    if (tried->approval) {
        page.show("NEEDS_APPROVAL");
    }
    TRY(show_others(page, request, principal, organization));
    if (typed.new_facility) {
        directory::show_toast(page, console_.text(request, "issue.facility_registered"));
    }
    page.set("BACK", "/issue");
    return console_.writer().page(request, "issue_check", page);
}

// Whoever has an ID there already: a second one for the same person is the usual mistake.
Result<void> IssuePages::show_others(render::View& page, const Request& request, const Principal& principal,
                                     const directory::Organization& organization) {
    const auto others = TRY(accounts_.list(
        principal, {.organization = organization.id, .limit = static_cast<int>(kOthersShown)}, request.now));
    for (const auto& other : others) {
        auto& shown = page.add("OTHER");
        shown.set("OTHER_URL", "/accounts/" + std::to_string(other.id.value));
        shown.set("OTHER_PERSON", person(other)).set("OTHER_LOGIN_ID", other.login_id);
        shown.set("OTHER_STATE", console_.text(request, "account_state." + std::string(to_text(other.state))));
    }
    page.show(others.empty() ? "NO_OTHERS" : "OTHERS");
    return {};
}

Result<directory::Organization> IssuePages::create_facility(const Principal& principal, const Typed& typed,
                                                            directory::Mode mode, Instant now) {
    auto command = typed.facility_fields;
    const auto actors = TRY(directory::acting(principal, Permission::create_organization, now));
    command.parent = actors.front().organization;
    return TRY(organizations_.create(principal, command, mode, now)).organization;
}

// A facility that isn't registered yet: what its letter needs is asked for on the same page.
IssuePages::Page IssuePages::check_new(const Request& request, const Principal& principal, const Typed& typed) {
    auto asking = typed;
    asking.new_facility = true;
    if (!typed.new_facility) {
        return draw(request, principal, asking, {}, nullptr);
    }
    const auto created = create_facility(principal, typed, directory::Mode::real, request.now);
    if (!created && (created.error().kind == ErrorKind::internal || created.error().kind == ErrorKind::unavailable)) {
        return failure(created.error());
    }
    if (!created) {
        auto error = created.error();
        for (auto& field : error.fields) {
            field.field = field.field == "institution_code" ? "facility" : field.field;
        }
        return draw(request, principal, asking, {}, &error);
    }
    asking.organization = created->id;
    return check_found(request, principal, asking, *created);
}

IssuePages::Page IssuePages::issue(const Request& request, const Principal& principal, const Typed& typed) {
    const auto place = TRY(organizations_.show(principal, typed.organization, request.now));
    const auto issued = accounts_.issue(principal,
                                        {.organization = place.id,
                                         .login_id = typed.login_id,
                                         .names = typed.names,
                                         .role = role_for(place.kind, typed.role),
                                         .handover = Handover::by_letter},
                                        directory::Mode::real, request.now);
    if (!issued && issued.error().kind == ErrorKind::conflict) {
        // The button was pressed twice, or the ID went to somebody else meanwhile: a new one is proposed.
        auto again = typed;
        again.login_id.clear();
        return draw(request, principal, again, {}, &issued.error());
    }
    const auto& account = TRY(issued).account;
    return Response::see_other("/issue/" + std::to_string(account.id.value));
}

IssuePages::Page IssuePages::issued(const Request& request, const Principal& principal) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    const auto shown = TRY(accounts_.show(principal, AccountId{id.value_or(0)}, request.now));
    const auto& account = shown.account;
    if (!directory::may(principal, Permission::issue_account, account.organization, request.now)) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto letter = letters_.show(principal, account.id, request.now);
    render::View page = console_.view(request, principal, "issue");
    page.set("PERSON", person(account)).set("NEW_LOGIN_ID", account.login_id);
    page.set("PLACE_NAME", account.organization.name).set("ACCOUNT_ID", std::to_string(account.id.value));
    page.set("ORGANIZATION_ID", std::to_string(account.organization.id.value));
    if (account.grants.empty()) {
        page.show("NEEDS_APPROVAL");
    }
    if (letter && letter->waiting) {
        page.add("LETTER_WAITING").set("PRINTS", std::to_string(letter->prints));
    } else if (letter && letter->printed_at) {
        page.add("LETTER_PRINTED").set("PRINTED_AT", format_japanese_date_time(*letter->printed_at));
    }
    return console_.writer().page(request, "issued", page);
}

}  // namespace madoguchi::accounts
