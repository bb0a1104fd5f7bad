//! What the shop looks like: HTML for eyes, keyboards and screen readers. The one script is that of
//! passkeys, which a page can't ask for by itself; everything else works without.

use authz_accounts::{AuditRecord, Error, Key, Passkey};
use authz_core::Denied;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::policy::Identity;
use crate::service::ORDERS;

fn frame(title: &str, who: Option<&Identity>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Corner Shop" }
                link rel="stylesheet" href="/style.css";
                script src="/passkeys.js" defer {}
            }
            body {
                a .skip href="#content" { "Skip to content" }
                header {
                    p .brand { "Corner Shop" }
                    @if let Some(who) = who { (navigation(who)) }
                }
                main #content { h1 { (title) } (content) }
                footer { p { "A demonstration of " code { "authz-accounts" } "." } }
            }
        }
    }
}

fn navigation(who: &Identity) -> Markup {
    let name: String = who.claim("preferred_username").unwrap_or_default();
    html! {
        nav aria-label="Main" {
            ul {
                li { a href="/home" { "Orders" } }
                li { a href="/app" { "Second factor" } }
                li { a href="/keys" { "Keys" } }
                li { a href="/history" { "History" } }
            }
        }
        form .who method="post" action="/log-out" {
            span #who { (name) @if who.mfa() { span .badge { "2 factors" } } }
            button .quiet #log-out { "Log out" }
        }
    }
}

fn fault(error: Option<&Error>) -> Markup {
    html! { @if let Some(error) = error { p .fault role="alert" { (sentence(error)) } } }
}

/// The words of an error as a sentence.
fn sentence(error: &Error) -> String {
    let words = error.to_string();
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}

fn credentials(action: &str, button: &str, new: bool) -> Markup {
    let kind = if new { "new-password" } else { "current-password" };
    html! {
        form .card method="post" action=(action) {
            label for="name" { "Name or e-mail address" }
            input #name name="name" autocomplete="username" autocapitalize="none" spellcheck="false"
                required;
            label for="password" { "Password" }
            input #password name="password" type="password" autocomplete=(kind) required
                aria-describedby=[new.then_some("rules")];
            @if new {
                p .hint #rules { "At least 15 characters. A few words that don't belong together do \
                                  well; anything you can type is allowed." }
            }
            button #submit { (button) }
        }
    }
}

/// A button that the script shows where the browser knows passkeys. It asks `way` for a challenge.
fn passkey_button(way: &str, words: &str) -> Markup {
    html! {
        p hidden data-passkey=(way) { button .quiet #passkey type="button" { (words) } }
        p .fault #passkey-fault role="alert" hidden {}
    }
}

pub fn door(error: Option<&Error>) -> Markup {
    frame(
        "Log in",
        None,
        &html! {
            (fault(error))
            (credentials("/log-in", "Log in", false))
            (passkey_button("log-in", "Log in with a passkey"))
            p { "No account yet? " a #to-sign-up href="/sign-up" { "Sign up" } }
        },
    )
}

pub fn sign_up(error: Option<&Error>) -> Markup {
    frame(
        "Sign up",
        None,
        &html! {
            (fault(error))
            (credentials("/sign-up", "Sign up", true))
            p { "There is one already? " a href="/" { "Log in" } }
        },
    )
}

fn code_field() -> Markup {
    html! {
        label for="code" { "Code" }
        input #code name="code" autocomplete="one-time-code" inputmode="numeric" spellcheck="false"
            aria-describedby="code-hint";
        p .hint #code-hint { "The six digits that your app shows, or a recovery code." }
    }
}

pub fn second_factor(error: Option<&Error>) -> Markup {
    frame(
        "One more step",
        None,
        &html! {
            (fault(error))
            form .card method="post" action="/second-factor" {
                (code_field())
                button #submit { "Continue" }
            }
            (passkey_button("second-factor", "Use a passkey"))
        },
    )
}

pub fn home(who: &Identity, refunded: Option<u32>) -> Markup {
    frame(
        "Orders",
        Some(who),
        &html! {
            @if let Some(number) = refunded {
                p .done role="status" { "Order " (number) " is refunded." }
            }
            table {
                caption { "Open orders" }
                thead { tr {
                    th scope="col" { "Number" } th scope="col" { "Customer" }
                    th scope="col" .number { "Price" } th scope="col" { "Refund" }
                } }
                tbody {
                    @for (number, customer, cents) in ORDERS {
                        tr {
                            td { (number) }
                            td { (customer) }
                            td .number { "€ " (cents / 100) "." (format!("{:02}", cents % 100)) }
                            td {
                                form method="post" action="/refund" {
                                    input type="hidden" name="order" value=(number);
                                    button .quiet id={ "refund-" (number) }
                                        aria-label={ "Refund order " (number) } { "Refund" }
                                }
                            }
                        }
                    }
                }
            }
            p .hint {
                "A refund asks for both factors, shown in the last five minutes: "
                code { "#[requires(role = \"clerk\", scope = \"write:orders\", mfa, max_age = \"5m\")]" }
            }
        },
    )
}

/// Asks for both factors again.
pub fn confirm(error: Option<&Error>) -> Markup {
    frame(
        "Is it still you?",
        None,
        &html! {
            (fault(error))
            p { "This needs a log-in of the last minutes. Show your password and your code again, or a \
                 passkey." }
            form .card method="post" action="/reauthenticate" {
                label for="password" { "Password" }
                input #password name="password" type="password" autocomplete="current-password" required;
                (code_field())
                button #submit { "Continue" }
            }
            (passkey_button("reauthenticate", "Use a passkey"))
            p { a href="/home" { "Back to the orders" } }
        },
    )
}

pub fn denied(denied: &Denied) -> Markup {
    let missing = denied.missing();
    match missing {
        Some(missing) if missing.is_stepping_up() && missing.mfa => frame(
            "A second factor is needed",
            None,
            &html! {
                p { "This needs a second factor. " a #to-app href="/app" { "Set one up" }
                    ", or log in with it." }
                p { a href="/home" { "Back to the orders" } }
            },
        ),
        Some(missing) if missing.is_stepping_up() => confirm(None),
        None if denied.status() == 401 => frame(
            "Log in",
            None,
            &html! {
                p role="status" { "Please log in." }
                (credentials("/log-in", "Log in", false))
                (passkey_button("log-in", "Log in with a passkey"))
                p { "No account yet? " a href="/sign-up" { "Sign up" } }
            },
        ),
        _ => frame(
            "Not allowed",
            None,
            &html! {
                p .fault role="alert" { (denied) "." }
                p { a href="/home" { "Back to the orders" } }
            },
        ),
    }
}

pub fn failed(error: &Error) -> Markup {
    frame(
        "That did not work",
        None,
        &html! {
            (fault(Some(error)))
            p { a href="/home" { "Back to the orders" } }
        },
    )
}

pub fn app(who: &Identity, there: bool, codes: i64, passkeys: &[Passkey]) -> Markup {
    frame(
        "Second factor",
        Some(who),
        &html! {
            @if codes > 0 { p { (codes) " recovery codes are left." } }
            h2 { "An app for codes" }
            @if there {
                p .done #enrolled { "An app is set up." }
            } @else {
                p { "With an app for one-time codes, a stolen password is not enough." }
                form method="post" action="/app" { button #enrol { "Set up an app" } }
            }
            h2 { "Passkeys" }
            @if !passkeys.is_empty() { (passkey_table(passkeys)) }
            p { "A passkey stays on your device and logs in to this shop alone: nobody can ask you for it \
                 on another page." }
            div hidden data-passkey="passkeys" {
                div .card {
                    label for="label" { "What do you call the device?" }
                    input #label maxlength="100";
                    button #passkey type="button" { "Add a passkey" }
                }
            }
            p .fault #passkey-fault role="alert" hidden {}
            section #new-codes aria-label="Recovery codes" role="status" hidden {
                p { "Keep these codes. When the device is lost, each lets you in once. They are not \
                     shown again." }
                ul .codes #codes {}
                p { a #to-home href="/home" { "I have written them down" } }
            }
        },
    )
}

fn passkey_table(passkeys: &[Passkey]) -> Markup {
    html! {
        table #passkeys {
            caption { "Your passkeys" }
            thead { tr { th scope="col" { "Device" } th scope="col" { "Remove" } } }
            tbody {
                @for passkey in passkeys {
                    tr {
                        td { (passkey.label) }
                        td {
                            form method="post" action="/passkeys/removal" {
                                input type="hidden" name="id" value=(passkey.id);
                                button .quiet .remove
                                    aria-label={ "Remove the passkey on " (passkey.label) } { "Remove" }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub fn enrolment(who: &Identity, secret: &str, picture: &str) -> Markup {
    frame(
        "Set up an app",
        Some(who),
        &html! {
            ol .steps {
                li {
                    p { "Take a picture of this with the app:" }
                    // Our own drawing of our own text: there is nothing of callers in it but encoded.
                    div .picture role="img" aria-label="QR code with the seed for the app" {
                        (PreEscaped(picture))
                    }
                    p { "Or type: " code #secret { (secret) } }
                }
                li {
                    form .card method="post" action="/app/confirmation" {
                        (code_field())
                        button #submit { "It works" }
                    }
                }
            }
        },
    )
}

pub fn recovery_codes(who: &Identity, codes: &[&str]) -> Markup {
    frame(
        "Keep these codes",
        Some(who),
        &html! {
            p role="status" { "The app is set up. When it is lost, each of these lets you in once. They are \
                               not shown again." }
            ul .codes #codes { @for code in codes { li { code { (code) } } } }
            p { a #to-home href="/home" { "I have written them down" } }
        },
    )
}

pub fn keys(who: &Identity, keys: &[Key], new: Option<(&str, &str)>) -> Markup {
    frame(
        "Keys",
        Some(who),
        &html! {
            @if let Some((secret, host)) = new {
                section .done role="status" aria-label="The new key" {
                    p { "Keep this key. It is not shown again:" }
                    p { code #new-key .secret { (secret) } }
                    p { "Try it: " }
                    pre { code { "curl -H \"Authorization: Bearer " (secret) "\" \\\n"
                        "  http://" (host) "/api/orders" } }
                }
            }
            @if keys.is_empty() { p { "There are no keys. A program needs one to speak for you." } }
            @else { (key_table(keys)) }
            h2 { "Make a key" }
            form .card method="post" action="/keys" {
                label for="label" { "What is it for?" }
                input #label name="label" maxlength="100" required;
                label for="scope" { "What may it do?" }
                select #scope name="scope" {
                    option value="read:orders" { "See orders" }
                    option value="write:orders" { "See, place and refund orders" }
                }
                button #create { "Make a key for 30 days" }
            }
        },
    )
}

fn key_table(keys: &[Key]) -> Markup {
    html! {
        table #keys {
            caption { "Your keys" }
            thead { tr {
                th scope="col" { "For" } th scope="col" { "May" } th scope="col" .number { "Uses" }
                th scope="col" { "Revoke" }
            } }
            tbody {
                @for key in keys {
                    tr {
                        td { (key.label) }
                        td { (key.scopes.join(", ")) }
                        td .number { (key.uses) }
                        td {
                            form method="post" action="/keys/revocation" {
                                input type="hidden" name="id" value=(key.id);
                                button .quiet .revoke aria-label={ "Revoke the key for " (key.label) }
                                    { "Revoke" }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub fn history(who: &Identity, records: &[AuditRecord]) -> Markup {
    frame(
        "History",
        Some(who),
        &html! {
            p { "Everything that happened to this account, the latest first. Each record is chained to the \
                 one before: what is changed afterwards is seen." }
            table #history {
                caption { "The audit trail of your account" }
                thead { tr {
                    th scope="col" .number { "Number" } th scope="col" { "What" } th scope="col" { "More" }
                } }
                tbody {
                    @for record in records {
                        tr {
                            td .number { (record.seq) }
                            td .event { (record.event.replace('_', " ")) }
                            td { code { (record.detail.get()) } }
                        }
                    }
                }
            }
        },
    )
}
