#include "accounts/account_pages.hpp"
#include "accounts/desk_pages.hpp"

namespace madoguchi::accounts {
namespace {

using http::Response;

Names names_in(const http::Fields& form) {
    return {form.text("family_name"), form.text("given_name"), form.text("family_kana"), form.text("given_kana")};
}

std::string address_of(const Account& account) {
    return "/accounts/" + std::to_string(account.id.value);
}

}  // namespace

AccountPages::Page AccountPages::draw_name(const Request& request, const Principal& principal, const Changed& shown,
                                           const Names& typed, const Error* error, const SeenAccount* saw) {
    render::View page = console_.view(request, principal, "accounts");
    directory::add_crumb(page, console_.text(request, "accounts.title"), "/accounts");
    directory::add_crumb(page, person(shown.account), address_of(shown.account));
    show_facts(page, request, shown);
    page.set("TYPED_FAMILY_NAME", typed.family_name).set("TYPED_GIVEN_NAME", typed.given_name);
    page.set("TYPED_FAMILY_KANA", typed.family_kana).set("TYPED_GIVEN_KANA", typed.given_kana);
    page.set("SEEN", to_text(seen_of(shown.account, shown.second_steps)));
    page.set("BACK", address_of(shown.account) + "/name");
    if (saw != nullptr) {
        show_stale(page, request, principal, shown, *saw);
        return console_.writer().page(request, "account_name", page, 409);
    }
    return error == nullptr ? Page(console_.writer().page(request, "account_name", page))
                            : Page(refused_page(console_, request, "account_name", page, *error));
}

AccountPages::Page AccountPages::ask_name(const Request& request, const Principal& principal) {
    const auto key = account_key(request.path_parameter("account"));
    const auto shown = TRY(accounts_.show(directory::browsing(principal), key, request.now));
    const auto& account = shown.account;
    if (!AccountService::may_rename(principal, account, request.now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    return draw_name(request, principal, shown,
                     {account.family_name, account.given_name, account.family_kana, account.given_kana}, nullptr,
                     nullptr);
}

AccountPages::Page AccountPages::rename(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto key = account_key(request.path_parameter("account"));
    const auto browsing = directory::browsing(principal);
    const auto saw = seen_account(form.text("seen"));
    const auto changed = accounts_.rename(browsing, key, names_in(form), request.now, saw);
    if (changed) {
        return Response::see_other(address_of(changed->account) + "?done=name");
    }
    if (!is_refusal(changed.error())) {
        return failure(changed.error());
    }
    const auto shown = TRY(accounts_.show(browsing, key, request.now));
    const bool stale = changed.error().message_id == "changed_meanwhile" && saw;
    return draw_name(request, principal, shown, names_in(form), &changed.error(), stale ? &*saw : nullptr);
}

}  // namespace madoguchi::accounts
