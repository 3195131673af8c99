// XML as events, by local names: prefixes and namespaces differ between the programs that write workbooks. A document
// type is refused where it begins, so that no entity is ever declared (S22).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct XML_ParserStruct;

namespace madoguchi::spreadsheet {

/// The attributes of the element that begins; valid during the call.
class XmlAttributes {
public:
    explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
    std::optional<std::string_view> find(std::string_view local_name) const;

private:
    const char** pairs_;
};

class XmlHandler {
public:
    virtual ~XmlHandler() = default;
    virtual Result<void> begin(std::string_view name, const XmlAttributes& attributes) = 0;
    virtual Result<void> text(std::string_view /*piece*/) { return {}; }
    virtual Result<void> end(std::string_view /*name*/) { return {}; }
};

class XmlReader {
public:
    explicit XmlReader(XmlHandler& handler);
    ~XmlReader();
    XmlReader(const XmlReader&) = delete;
    XmlReader& operator=(const XmlReader&) = delete;

    /// Errors: file_broken (not well-formed, or a document type); whatever the handler says.
    Result<void> feed(std::string_view bytes);
    Result<void> finish();

private:
    struct Callbacks;

    Result<void> parse(std::string_view bytes, bool last);
    void take(Result<void> result);

    XmlHandler& handler_;
    XML_ParserStruct* parser_;
    std::optional<Error> error_;
};

}  // namespace madoguchi::spreadsheet
