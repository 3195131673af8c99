// Static files, read once at start and served from memory under addresses that change with their content.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/route_table.hpp"

namespace madoguchi::http {

struct Asset {
    std::string body;
    std::string content_type;
    std::string hash;  // SHA-256, first 8 hex digits
    std::string url;   // "/assets/madoguchi.3f2a91bc.css"
};

class Assets {
public:
    /// Every file of the directory itself. Errors: internal, the detail names the file or directory (unreadable,
    /// unknown extension).
    static Result<Assets> load(const std::string& directory);

    /// "/assets/madoguchi.3f2a91bc.css" of "madoguchi.css". Throws std::out_of_range for a name that is not there: our
    /// own mistake.
    const std::string& url(std::string_view name) const;
    const Asset* find(std::string_view name) const;

    /// Answers for "madoguchi.3f2a91bc.css" (to be kept for a year) and "madoguchi.css" (to be asked for again, by
    /// ETag).
    Result<Response> serve(const Request& request, const std::string& name) const;
    /// GET /assets/{name}. The assets outlive the table.
    void mount(RouteTable& routes) const;

private:
    std::map<std::string, std::shared_ptr<const Asset>, std::less<>> by_name_;
    std::map<std::string, std::shared_ptr<const Asset>, std::less<>> by_hashed_name_;
};

}  // namespace madoguchi::http
