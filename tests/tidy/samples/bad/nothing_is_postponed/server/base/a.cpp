// TODO: later
int todo_list;
