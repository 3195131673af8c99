// /issue: one account in twenty seconds by the keyboard alone. Say whom and where, read it back with the ID that it
// will have, issue, print the letter: four pages, Enter leads through them.
#pragma once

#include "accounts/account_service.hpp"
#include "accounts/letter_service.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::accounts {

class IssuePages {
public:
    /// Keeps references.
    IssuePages(AccountService& accounts, LetterService& letters, directory::OrganizationService& organizations,
               directory::Console& console)
        : accounts_(accounts), letters_(letters), organizations_(organizations), console_(console) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    /// The form as typed.
    struct Typed {
        std::string facility;  // a code, a name or a part of it
        OrganizationId organization;
        Names names;
        std::string role;  // "usual" or "administrator"
        std::string login_id;
        bool new_facility = false;
        directory::CreateOrganization facility_fields;
    };
    /// What the facility field leads to.
    struct Found {
        std::optional<directory::Organization> chosen;
        std::vector<directory::Organization> several;
    };

    Page form(const Request& request, const Principal& principal);
    Page submit(const Request& request, const Principal& principal);
    Page issued(const Request& request, const Principal& principal);

    static Typed read_form(const http::Fields& form);
    Result<Found> find(const Principal& principal, const Typed& typed, Instant now);
    Result<directory::Organization> create_facility(const Principal& principal, const Typed& typed,
                                                    directory::Mode mode, Instant now);
    Page check(const Request& request, const Principal& principal, Typed typed);
    Page check_found(const Request& request, const Principal& principal, const Typed& typed,
                     const directory::Organization& organization);
    Page check_new(const Request& request, const Principal& principal, const Typed& typed);
    Page issue(const Request& request, const Principal& principal, const Typed& typed);
    Page draw(const Request& request, const Principal& principal, const Typed& typed, const Found& found,
              const Error* error);
    void set_typed(render::View& page, const Typed& typed) const;
    Result<void> show_others(render::View& page, const Request& request, const Principal& principal,
                             const directory::Organization& organization);

    AccountService& accounts_;
    LetterService& letters_;
    directory::OrganizationService& organizations_;
    directory::Console& console_;
};

}  // namespace madoguchi::accounts
