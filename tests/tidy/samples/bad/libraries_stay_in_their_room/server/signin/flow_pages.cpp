ctemplate::TemplateDictionary page("page");
