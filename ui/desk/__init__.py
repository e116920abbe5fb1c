"""The desk at /desk: where the shop's own people answer.

In: a shop being served. Out: pages and routes for those who have an account, and nothing for anybody else.

    passwords, accounts     Argon2; `python -m ui agents ...`
    sessions                logging in and out
    login                   the login page
    gate                    what passes, for whom, and whose Gradio session is whose
    live                    that something is new, for every open desk
    routes, chats, teaching, people, downloads, wire
                            what the desk does, as JSON under /desk/api, and files to take along
    application             all of it, to be mounted at /desk
"""
