//! Which issuers are the provider: the documents', the tokens' and the callbacks'.
