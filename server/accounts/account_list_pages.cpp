#include <algorithm>

#include "accounts/account_pages.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

constexpr const char* kPath = "/accounts";

std::string joined(const std::vector<std::string>& names, const std::string& separator) {
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : separator) + name;
    }
    return out;
}

}  // namespace

// What a filter does not know is as if it were not there: an address that somebody edited still shows a list.
AccountQuestion account_question(const http::Request& request) {
    const auto& query = request.query;
    AccountQuestion question;
    question.word = query.text("q");
    question.state = account_state(query.text("state"));
    question.kind = directory::organization_kind(query.text("kind"));
    question.role = directory::role(query.text("role"));
    if (std::ranges::find(kSecondStepFilters, query.text("second")) != kSecondStepFilters.end()) {
        question.second_step = query.text("second");
    }
    question.last = last_sign_in(query.text("last"));
    question.initial = initial_left(query.text("initial"));
    if (const auto organization = http::parse_identifier(query.text("organization"))) {
        question.organization = OrganizationId{*organization};
    }
    question.order = account_order(query.text("sort")).value_or(AccountOrder::organization);
    question.after = AccountId{directory::place_of(request).after};
    question.limit = limits::kPageRows;
    return question;
}

std::string person(const Account& account) {
    return account.family_name + (account.given_name.empty() ? "" : " " + account.given_name);
}

std::string_view tone_of(AccountState state) {
    switch (state) {
        case AccountState::pending:
            return "is-info";
        case AccountState::active:
            return "is-success";
        case AccountState::suspended:
            return "is-danger";
        case AccountState::closed:
            break;
    }
    return "is-neutral";
}

std::string short_login_id(const std::string& login_id) {
    return login_id.substr(0, login_id.find('@'));
}

void AccountPages::show_segments(render::View& page, const Request& request, const Principal& principal,
                                 const AccountQuestion& question) {
    const auto counts = lists_.counts(principal, request.now);
    const auto number = [&](std::int64_t count) {
        const bool more = count >= limits::kCountedRows;
        const auto shown = std::to_string(std::min<std::int64_t>(count, limits::kCountedRows));
        return more ? console_.text(request, "list.or_more", {{"count", shown}}) : shown;
    };
    const auto add = [&](const std::string& value, const std::string& text, std::optional<std::int64_t> count,
                         bool current) {
        auto& segment = page.add("SEGMENT");
        segment.set("SEGMENT_URL", directory::first_page_with(request, {{"state", value}})).set("SEGMENT_TEXT", text);
        if (count) {
            segment.add("SEGMENT_COUNT").set("SEGMENT_NUMBER", number(*count));
        }
        if (current) {
            segment.show("SEGMENT_CURRENT");
        }
    };
    const auto all = counts ? std::optional(counts->all()) : std::nullopt;
    add("", console_.text(request, "list.all"), all, !question.state);
    for (const auto state :
         {AccountState::pending, AccountState::active, AccountState::suspended, AccountState::closed}) {
        const auto count = counts ? std::optional(counts->of.at(static_cast<std::size_t>(state))) : std::nullopt;
        const std::string name(to_text(state));
        add(name, console_.text(request, "account_state." + name), count, question.state == state);
    }
}

void AccountPages::show_filters(render::View& page, const Request& request, const AccountQuestion& question) const {
    const auto add = [&](std::string_view field, std::string_view value, const std::string& text_id) {
        directory::add_option(page, field, value, console_.text(request, text_id), request.query.text(field));
    };
    page.set("WORD", question.word);
    for (const auto* field : {"kind", "role", "second", "last", "initial"}) {
        add(field, "", "list.all");
    }
    for (const auto kind : directory::kOrganizationKinds) {
        add("kind", directory::to_text(kind), "organization_kind." + std::string(directory::to_text(kind)));
    }
    for (const auto role : directory::kRoles) {
        add("role", directory::to_text(role), "role." + std::string(directory::to_text(role)));
    }
    for (const auto second : kSecondStepFilters) {
        add("second", second, second == "none" ? "accounts.no_second_step" : "second_step." + std::string(second));
    }
    for (const auto last : kLastSignIns) {
        add("last", to_text(last), "accounts.last_" + std::string(to_text(last)));
    }
    for (const auto initial : kInitialLefts) {
        add("initial", to_text(initial), "accounts.initial_" + std::string(to_text(initial)));
    }
    for (const auto order : kAccountOrders) {
        directory::add_option(page, "sort", order == AccountOrder::organization ? "" : to_text(order),
                              console_.text(request, "accounts.order_" + std::string(to_text(order))),
                              request.query.text("sort"));
    }
    if (question.state) {
        page.add("KEEP_STATE").set("STATE", to_text(*question.state));
    }
    if (question.organization) {
        page.add("KEEP_ORGANIZATION").set("ORGANIZATION", std::to_string(question.organization->value));
    }
}

void AccountPages::show_chips(render::View& page, const Request& request, const AccountQuestion& question) const {
    const auto chip = [&](const char* field, const std::string& label_id, const std::string& text) {
        directory::add_chip(
            page,
            console_.text(request, "list.condition", {{"field", console_.text(request, label_id)}, {"value", text}}),
            directory::first_page_with(request, {{field, ""}}));
    };
    const auto named = [&](const std::string& id) { return console_.text(request, id); };
    if (!question.word.empty()) {
        chip("q", "list.word", question.word);
    }
    if (question.state) {
        chip("state", "accounts.state", named("account_state." + std::string(to_text(*question.state))));
    }
    if (question.kind) {
        chip("kind", "accounts.kind", named("organization_kind." + std::string(directory::to_text(*question.kind))));
    }
    if (question.role) {
        chip("role", "accounts.role", named("role." + std::string(directory::to_text(*question.role))));
    }
    if (question.second_step) {
        chip("second", "accounts.second_step",
             named(*question.second_step == "none" ? "accounts.no_second_step"
                                                   : "second_step." + *question.second_step));
    }
    if (question.last) {
        chip("last", "accounts.last", named("accounts.last_" + std::string(to_text(*question.last))));
    }
    if (question.initial) {
        chip("initial", "accounts.initial", named("accounts.initial_" + std::string(to_text(*question.initial))));
    }
    if (question.organization) {
        chip("organization", "accounts.organization", named("accounts.one_organization"));
    }
}

// Heads that sort: by organization, and by the last sign-in in both directions.
void AccountPages::show_order(render::View& page, const Request& request, const AccountQuestion& question) const {
    if (!question.word.empty()) {
        page.show("FOUND");
        return;
    }
    page.show("SORTABLE");
    page.set("BY_ORGANIZATION_URL", directory::first_page_with(request, {{"sort", ""}}));
    page.set("BY_SIGN_IN_URL",
             directory::first_page_with(
                 request, {{"sort", question.order == AccountOrder::signed_in ? "unused" : "signed_in"}}));
    switch (question.order) {
        case AccountOrder::organization:
            page.show("BY_ORGANIZATION");
            break;
        case AccountOrder::signed_in:
            page.show("BY_SIGN_IN");
            break;
        case AccountOrder::unused:
            page.show("BY_DISUSE");
            break;
        case AccountOrder::issued:
            break;
    }
}

void AccountPages::show_row(render::View& page, const Request& request, const ListedAccount& listed) const {
    const auto& account = listed.account;
    auto& row = page.add("ACCOUNT");
    row.set("ACCOUNT_ID", std::to_string(account.id.value)).set("ACCOUNT_ORGANIZATION", account.organization.name);
    row.set("ACCOUNT_PERSON", person(account)).set("ACCOUNT_LOGIN_ID", short_login_id(account.login_id));
    std::vector<std::string> roles;
    for (const auto& grant : account.grants) {
        const auto name = console_.text(request, "role." + std::string(directory::to_text(grant.role)));
        if (std::ranges::find(roles, name) == roles.end()) {
            roles.push_back(name);
        }
    }
    const auto separator = console_.text(request, "list.separator");
    if (roles.empty()) {
        row.show("NO_ROLE");
    } else {
        row.add("ROLES").set("ACCOUNT_ROLES", joined(roles, separator));
    }
    row.set("STATE_TONE", tone_of(account.state));
    row.set("STATE_NAME", console_.text(request, "account_state." + std::string(to_text(account.state))));
    std::vector<std::string> steps;
    for (const auto& kind : listed.second_steps) {
        const auto name = console_.text(request, "second_step." + kind);
        if (std::ranges::find(steps, name) == steps.end()) {
            steps.push_back(name);
        }
    }
    if (!steps.empty()) {
        row.add("SECOND_STEPS").set("ACCOUNT_SECOND_STEPS", joined(steps, separator));
    } else {
        row.show(account.state == AccountState::closed ? "NOTHING" : "NO_SECOND_STEP");
    }
    if (account.last_signed_in_at) {
        row.add("SIGNED_IN_AT").set("ACCOUNT_SIGNED_IN_AT", format_japanese_date_time(*account.last_signed_in_at));
    } else {
        row.show("NEVER_SIGNED_IN");
    }
    if (account.state == AccountState::pending && account.initial_expires_at) {
        row.add(*account.initial_expires_at > request.now ? "INITIAL_UNTIL" : "INITIAL_LAPSED")
            .set("ACCOUNT_INITIAL_UNTIL", format_japanese_date_time(*account.initial_expires_at).substr(5, 5));
    }
}

AccountPages::Page AccountPages::list(const Request& request, const Principal& principal) {
    const auto question = account_question(request);
    const auto found = TRY(lists_.list(principal, question, request.now));
    render::View page = console_.view(request, principal, "accounts");
    page.set("SEARCHED", question.word);
    show_segments(page, request, principal, question);
    show_filters(page, request, question);
    show_chips(page, request, question);
    show_order(page, request, question);
    for (const auto& row : found.rows) {
        show_row(page, request, row);
    }
    const auto place = directory::place_of(request);
    if (found.rows.empty()) {
        page.show("EMPTY").set("ALL_URL", kPath);
        page.show(page.shows("CHIPS") ? "EMPTY_BY_CONDITIONS" : "EMPTY_AT_ALL");
    } else {
        const auto first = (place.page - 1) * limits::kPageRows + 1;
        page.add("LIST")
            .set("FIRST_ROW", std::to_string(first))
            .set("LAST_ROW", std::to_string(first + static_cast<std::int64_t>(found.rows.size()) - 1));
    }
    if (console_.serves("/issue") && !directory::acting(principal, directory::Permission::issue_account, request.now)
                                          .map([](const auto& actors) { return actors.empty(); })
                                          .value_or(true)) {
        page.show("CAN_ISSUE");
    }
    directory::show_pager(page, request, place, found.more ? found.rows.back().account.id.value : 0);
    const auto whole = directory::first_page_with(request, {}).substr(request.path.size());
    page.set("AS_XLSX_URL", "/accounts.xlsx" + whole).set("AS_CSV_URL", "/accounts.csv" + whole);
    return console_.writer().page(request, "accounts", page);
}

}  // namespace madoguchi::accounts
