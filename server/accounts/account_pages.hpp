// /accounts: the list, a page per account, and the acts on it, each asked about on a page of its own.
#pragma once

#include "accounts/account_list_service.hpp"
#include "accounts/account_service.hpp"
#include "accounts/handover_service.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::accounts {

class AccountPages {
public:
    /// Keeps references.
    AccountPages(AccountService& accounts, AccountListService& lists, HandoverService& handover,
                 directory::Console& console)
        : accounts_(accounts), lists_(lists), handover_(handover), console_(console) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    // account_list_pages.cpp
    Page list(const Request& request, const Principal& principal);
    void show_segments(render::View& page, const Request& request, const Principal& principal,
                       const AccountQuestion& question);
    void show_filters(render::View& page, const Request& request, const AccountQuestion& question) const;
    void show_chips(render::View& page, const Request& request, const AccountQuestion& question) const;
    void show_order(render::View& page, const Request& request, const AccountQuestion& question) const;
    void show_row(render::View& page, const Request& request, const ListedAccount& listed) const;

    // account_export_pages.cpp
    Page as_xlsx(const Request& request, const Principal& principal);
    Page as_csv(const Request& request, const Principal& principal);
    Result<std::vector<std::vector<std::string>>> exported(const Request& request, const Principal& principal);
    std::vector<std::string> cells_of(const Request& request, const ListedAccount& listed) const;

    // account_pages.cpp
    Page account(const Request& request, const Principal& principal);
    void show_facts(render::View& page, const Request& request, const Changed& shown) const;
    void show_second_steps(render::View& page, const Request& request, const Changed& shown) const;
    void show_acts(render::View& page, const Request& request, const Principal& principal, const Changed& shown) const;
    Result<void> show_handover(render::View& page, const Request& request, const Principal& principal,
                               const Account& account);
    Result<void> show_history(render::View& page, const Request& request, const Principal& principal,
                              const Account& account);
    void show_done(render::View& page, const Request& request, const Account& account) const;
    std::string action_text(const Request& request, const std::string& action) const;

    // account_act_pages.cpp
    Page ask(const Request& request, const Principal& principal);
    Page act(const Request& request, const Principal& principal);
    Page draw_act(const Request& request, const Principal& principal, const Changed& shown, AccountAct act,
                  const std::string& reason, const Error* error, const SeenAccount* saw);
    Page hand_over(const Request& request, const Principal& principal, const Changed& changed, AccountAct act);
    void show_stale(render::View& page, const Request& request, const Principal& principal, const Changed& shown,
                    const SeenAccount& saw);
    // account_name_pages.cpp
    Page ask_name(const Request& request, const Principal& principal);
    Page rename(const Request& request, const Principal& principal);
    Page draw_name(const Request& request, const Principal& principal, const Changed& shown, const Names& typed,
                   const Error* error, const SeenAccount* saw);

    std::string fact_text(const Request& request, const std::string& fact, const std::string& value) const;

    AccountService& accounts_;
    AccountListService& lists_;
    HandoverService& handover_;
    directory::Console& console_;
};

/// The conditions of the list that the address names.
AccountQuestion account_question(const http::Request& request);
/// "山野 みどり"
std::string person(const Account& account);
/// The badge of a state: is-info, is-success, is-danger or is-neutral.
std::string_view tone_of(AccountState state);
/// "f13-00142" of "f13-00142@madoguchi.example".
std::string short_login_id(const std::string& login_id);

}  // namespace madoguchi::accounts
