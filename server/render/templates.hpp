// The pages, compiled once for each language at start and then frozen: safe from any thread.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/locale.hpp"
#include "base/result.hpp"
#include "render/texts.hpp"
#include "render/view.hpp"

namespace madoguchi::render {

class Templates {
public:
    /// Compiles `directory`/pages/*.html with `directory`/partials/*.html and `texts`. Errors: internal, whose detail
    /// names the file and what is wrong: no escaping on line 1, an unknown text, partial or parameter, or a template
    /// that does not parse.
    static Result<Templates> load(const std::string& directory, const Texts& texts);

    Templates(Templates&&) noexcept;
    Templates& operator=(Templates&&) noexcept;
    ~Templates();

    /// Every value is escaped for the place where it stands. Throws std::logic_error for a page that does not exist.
    std::string render(std::string_view page, Locale locale, const View& view) const;
    const std::set<std::string, std::less<>>& pages() const { return pages_; }

private:
    struct Engine;
    explicit Templates(std::unique_ptr<Engine> engine, std::set<std::string, std::less<>> pages);

    std::unique_ptr<Engine> engine_;
    std::set<std::string, std::less<>> pages_;
};

}  // namespace madoguchi::render
