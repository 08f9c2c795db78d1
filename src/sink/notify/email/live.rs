//! The running mail route: the way to the server, and what its answers mean. A message goes to all receivers at once; if the server
//! refuses it for good, to each by itself, so that one bad address keeps nobody else from being told.

use std::sync::Arc;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::compose::Composer;
use super::{EmailConfig, MailEncryption};
use crate::model::{harmless, with_causes};
use crate::sink::deliver::{Trouble, TroubleKind};
use crate::sink::notify::channel::{Answer, Channel};
use crate::sink::notify::notice::Told;
use crate::sink::notify::templates::Template;
use crate::sink::notify::{NotificationCounts, config_error};
use crate::sink::{Health, SecretError, SinkError, TrustedClient};

/// Characters of an answer that are kept.
const WORDS: usize = 500;

type Transport = AsyncSmtpTransport<Tokio1Executor>;
type SmtpError = lettre::transport::smtp::Error;

/// A mail route.
pub(in crate::sink::notify) struct Email {
    config: EmailConfig,
    composer: Composer,
    tls: Option<TrustedClient<TlsParameters>>,
    counts: Arc<NotificationCounts>,
}

/// A mail as it goes over the line, or why there is none.
pub(in crate::sink::notify) type Mail = Result<(Envelope, Vec<u8>), String>;

impl Email {
    /// Checks the templates on an example.
    pub(in crate::sink::notify) fn check(config: &EmailConfig, example: &Told) -> Result<(), (&'static str, String)> {
        let composer = Composer::new(config)?;
        let check = |(setting, template): (&'static str, &Template)| {
            template.check(example).map_err(|reason| (setting, reason))
        };
        composer.templates().try_for_each(check)
    }

    /// Reads what it needs. Talks to nobody.
    pub(in crate::sink::notify) fn new(
        sink: &str,
        config: &EmailConfig,
        counts: Arc<NotificationCounts>,
    ) -> Result<Self, SinkError> {
        let composer = Composer::new(config).map_err(|fault| config_error(sink, fault))?;
        let tls = (config.encryption != MailEncryption::None)
            .then(|| {
                let (owned, host) = (sink.to_owned(), config.host.clone());
                TrustedClient::new(sink, &config.tls, move |pem| parameters(&owned, &host, pem))
            })
            .transpose()?;
        let email = Self { config: config.clone(), composer, tls, counts };
        email.transport().map_err(|source| SinkError::Secret { sink: sink.to_owned(), source })?;
        Ok(email)
    }

    /// Says hello to the server, and who sends.
    ///
    /// # Errors
    /// [`SinkError::Refused`] if it does not let the user in.
    pub(in crate::sink::notify) async fn hello(&self, sink: &str) -> Result<Health, SinkError> {
        let transport = self.transport().map_err(|source| SinkError::Secret { sink: sink.to_owned(), source })?;
        let error = match transport.test_connection().await {
            Ok(true) => return Ok(Health::Starting),
            Ok(false) => return Ok(Health::Down { since_message: "the mail server does not answer".to_owned() }),
            Err(error) => error,
        };
        match answer_to(&error) {
            Answer::Trouble(Trouble { kind: TroubleKind::Credentials, message, .. }) => {
                Err(SinkError::Refused { sink: sink.to_owned(), said: message })
            }
            _ => {
                let said = words(&error);
                tracing::warn!(sink = %sink, reason = %said, "the mail server cannot be used yet, alerts wait");
                Ok(Health::Down { since_message: said })
            }
        }
    }

    /// A way to the server, with the password as it now is.
    fn transport(&self) -> Result<Transport, SecretError> {
        let tls = match (self.config.encryption, &self.tls) {
            (MailEncryption::StartTls, Some(parameters)) => Tls::Required(parameters.get()),
            (MailEncryption::Tls, Some(parameters)) => Tls::Wrapper(parameters.get()),
            _ => Tls::None,
        };
        let mut builder = Transport::builder_dangerous(&self.config.host)
            .port(self.config.port())
            .tls(tls)
            .hello_name(ClientId::Domain(self.hello_name()))
            .timeout(Some(self.config.request_timeout.0));
        if let Some(auth) = &self.config.auth {
            let password = auth.password.resolve()?;
            builder = builder.credentials(Credentials::new(auth.user.clone(), password.expose().to_owned()));
        }
        Ok(builder.build())
    }

    /// The name that the program gives itself: the domain of the sender, which is no secret.
    fn hello_name(&self) -> String {
        let domain = self.config.from.rsplit('@').next().unwrap_or_default();
        domain.trim_end_matches('>').to_owned()
    }

    async fn send_to_each(&self, transport: &Transport, envelope: &Envelope, mail: &[u8], first: SmtpError) -> Answer {
        let mut refused = Vec::new();
        for receiver in envelope.to() {
            let only = Envelope::new(envelope.from().cloned(), vec![receiver.clone()]);
            let Ok(only) = only else { continue };
            if let Err(error) = transport.send_raw(&only, mail).await {
                match answer_to(&error) {
                    Answer::Trouble(trouble) => return Answer::Trouble(trouble),
                    _ => refused.push(format!("{receiver}: {}", words(&error))),
                }
            }
        }
        let others = envelope.to().len() - refused.len();
        if refused.is_empty() {
            return Answer::Taken { said: "taken, one receiver after the other".to_owned() };
        }
        if others == 0 {
            return answer_to(&first);
        }
        Answer::Invalid { said: format!("not told to {}; told to {others} others", refused.join("; ")) }
    }
}

/// Whom to trust.
fn parameters(sink: &str, host: &str, pem: Option<&[u8]>) -> Result<TlsParameters, SinkError> {
    let failed = |reason| SinkError::Client { sink: sink.to_owned(), address: host.to_owned(), reason };
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = pem {
        let authorities = Certificate::from_pem(pem).map_err(|error| failed(with_causes(&error)))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authorities);
    }
    builder.build_rustls().map_err(|error| failed(with_causes(&error)))
}

fn words(error: &SmtpError) -> String {
    harmless(&error.to_string(), WORDS)
}

/// What an answer of the server, or the lack of one, means.
fn answer_to(error: &SmtpError) -> Answer {
    let said = words(error);
    let Some(code) = error.status() else {
        return Answer::Trouble(Trouble { kind: TroubleKind::Unreachable, message: said, wait: None });
    };
    meaning(code.into(), said)
}

/// What a code of RFC 5321 and RFC 4954 means.
fn meaning(code: u16, said: String) -> Answer {
    let kind = match code {
        530 | 534 | 535 | 538 => TroubleKind::Credentials,
        // the server, not the mail: nobody is let in, or a command is not known
        454 | 500..=504 | 521 => TroubleKind::Misconfigured,
        421 | 450..=452 => TroubleKind::Overloaded,
        400..=499 => TroubleKind::Unreachable,
        552 | 523 => return Answer::TooLarge { said },
        _ => return Answer::Invalid { said },
    };
    Answer::Trouble(Trouble { kind, message: said, wait: None })
}

impl Channel for Email {
    type Message = Mail;

    fn compose(&self, told: &Told) -> Mail {
        let mail = self.composer.compose(told, &self.counts)?;
        Ok((mail.envelope().clone(), mail.formatted()))
    }

    async fn send(&self, mail: &Mail) -> Answer {
        let (envelope, mail) = match mail {
            Ok(mail) => mail,
            Err(reason) => return Answer::Invalid { said: format!("no mail can be made of it: {reason}") },
        };
        let transport = match self.transport() {
            Ok(transport) => transport,
            Err(error) => {
                return Answer::Trouble(Trouble {
                    kind: TroubleKind::Credentials,
                    message: error.to_string(),
                    wait: None,
                });
            }
        };
        match transport.send_raw(envelope, mail).await {
            Ok(response) => {
                let said: Vec<&str> = response.message().collect();
                Answer::Taken { said: harmless(&format!("{} {}", response.code(), said.join(" ")), WORDS) }
            }
            Err(error) => match answer_to(&error) {
                Answer::Invalid { .. } if envelope.to().len() > 1 => {
                    self.send_to_each(&transport, envelope, mail, error).await
                }
                answer => {
                    if let (Answer::Trouble(Trouble { kind: TroubleKind::Unreachable, .. }), Some(tls)) =
                        (&answer, &self.tls)
                    {
                        tls.look_again();
                    }
                    answer
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_standard_says() {
        let kind = |code| match meaning(code, String::new()) {
            Answer::Trouble(trouble) => Some(trouble.kind),
            _ => None,
        };
        assert_eq!(kind(421), Some(TroubleKind::Overloaded));
        assert_eq!(kind(451), Some(TroubleKind::Overloaded));
        assert_eq!(kind(432), Some(TroubleKind::Unreachable));
        assert_eq!(kind(535), Some(TroubleKind::Credentials));
        assert_eq!(kind(502), Some(TroubleKind::Misconfigured));
        assert_eq!(meaning(550, "550 no".into()), Answer::Invalid { said: "550 no".into() });
        assert_eq!(meaning(552, "552 no".into()), Answer::TooLarge { said: "552 no".into() });
    }
}
