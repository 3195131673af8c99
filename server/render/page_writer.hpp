// Puts a page into its frame: language switch, CSRF token, assets, helpdesk, request id; and says what went wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/assets.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "render/templates.hpp"
#include "render/texts.hpp"
#include "render/view.hpp"

namespace madoguchi::render {

/// What every page shows and the configuration decides.
struct PageFrame {
    std::string helpdesk_phone;
    bool development = false;           // a bar says that messages go to the development inbox
    bool sends_out = false;             // then the bar says that a provider gets them
    std::size_t password_minimum = 12;  // code points
};

class PageWriter {
public:
    /// Keeps references: all three outlive the writer.
    PageWriter(const Templates& templates, const Texts& texts, const http::Assets& assets, PageFrame frame);

    /// The page in the request's language. What `view` takes stands in templates/README.md.
    http::Response page(const http::Request& request, std::string_view page, View view, int status = 200) const;

    /// Tells in `view` what was refused: title, notice, and a text at each field. The caller draws the same page again.
    void explain(View& view, const http::Request& request, const Error& error) const;

    /// The page that stands for an answer that is not there: reason, what to do next, the request id.
    http::Response error_page(const http::Request& request, const Error& error, int status) const;

    const Texts& texts() const { return texts_; }

private:
    std::string known_id(const Error& error) const;
    Error as_page_reason(const Error& error) const;
    void fill_frame(View& view, const http::Request& request) const;

    const Templates& templates_;
    const Texts& texts_;
    const http::Assets& assets_;
    PageFrame frame_;
};

}  // namespace madoguchi::render
