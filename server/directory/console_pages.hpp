// The console's frame: navigation by what somebody may do, one search box, crumbs, pages of a list, and the undo after
// an act. Every page of the console, in whatever room, is registered and drawn through it.
//
//   console.page(Method::get, "/letters", [&](const Request& request, const Principal& principal) -> Result<Response> {
//       render::View page = console.view(request, principal, "letters");   // the id of a row of kNavigation
//       ...
//       return console.writer().page(request, "letters", page);            // {{@console_top title="letters.title"}}
//       ...
//   });
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "render/page_writer.hpp"

namespace madoguchi::directory {

class Console {
public:
    using Handler = std::function<Result<http::Response>(const http::Request&, const Principal&)>;
    using Counter = std::function<Result<std::int64_t>(const Principal&, Instant now)>;

    /// Keeps references: routes and writer outlive it.
    Console(http::RouteTable& routes, Guard guard, const render::PageWriter& writer)
        : routes_(routes), guard_(std::move(guard)), writer_(writer) {}

    /// A page for those who are signed in; others are led to sign in.
    void page(http::Method method, std::string pattern, Handler handler);
    /// The same for a form that carries a file (Request::file).
    void upload(std::string pattern, Handler handler);
    /// The figure beside a row of the navigation. Asked for on every page: an index must answer it.
    void count(std::string nav, Counter counter) { counters_[std::move(nav)] = std::move(counter); }

    /// A page within its frame; `nav` is the row that is current ("" where none is).
    render::View view(const http::Request& request, const Principal& principal, std::string_view nav) const;
    /// Is there such a page? Links to parts that this program does not serve are not shown.
    bool serves(std::string_view path) const;
    std::string text(const http::Request& request, std::string_view id, const render::TextValues& values = {}) const {
        return writer_.texts().text(id, request.locale, values);
    }
    const render::PageWriter& writer() const { return writer_; }

private:
    http::Handler guarded(Handler handler) const;

    http::RouteTable& routes_;
    Guard guard_;
    const render::PageWriter& writer_;
    std::map<std::string, Counter, std::less<>> counters_;
};

/// May this person open any part of the console?
bool uses_console(const Principal& principal, Instant now);

void add_crumb(render::View& page, std::string_view name, std::string_view href);

/// What an act has done, said on the page after it.
void show_toast(render::View& page, std::string_view text);
/// The same with a button that posts to `url` what takes it back.
void show_undo(render::View& page, std::string_view text, std::string_view url, std::string_view reason);

/// One choice of a filter or a form: {{@select_field field="kind" FIELD="KIND" label="..."}}.
void add_option(render::View& page, std::string_view field, std::string_view value, std::string_view text,
                std::string_view chosen);

/// Where a list stands. The query carries `after`, the id of the last row before this page, and `trail`, those of the
/// pages before it: no page is ever counted off from the start.
struct ListPlace {
    std::int64_t after = 0;
    std::vector<std::int64_t> trail;
    std::int64_t page = 1;
};
ListPlace place_of(const http::Request& request);

/// The address of this page with some fields of its query set anew; an empty value takes a field out.
std::string address_with(const http::Request& request, const std::vector<std::pair<std::string, std::string>>& fields);
/// The same list from its start.
std::string first_page_with(const http::Request& request, std::vector<std::pair<std::string, std::string>> fields);

/// Previous and next. `next_after`: the id of the last row shown where more follow, else 0.
void show_pager(render::View& page, const http::Request& request, const ListPlace& place, std::int64_t next_after);
/// A condition of the list, with the address that drops it.
void add_chip(render::View& page, std::string_view text, std::string_view url);

}  // namespace madoguchi::directory
