//! A browser, as far as signing in needs one: it keeps cookies and sends forms.

use std::collections::BTreeMap;

use admittance::{
    saml::bindings::Incoming,
    testing::saml_idp::{SamlIdp, User},
};
use http::{Request, Response, header};
use url::form_urlencoded::Serializer;

use crate::{
    node::Node,
    scene::{CONNECTION, now},
};

/// Cookies by name: every node has the same public address, so they go to each.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) async fn get(&mut self, node: &Node, target: &str) -> Response<Vec<u8>> {
        self.send(node, Request::get(target).body(Vec::new()).unwrap()).await
    }

    pub(crate) async fn post(
        &mut self,
        node: &Node,
        target: &str,
        fields: &[(&str, &str)],
    ) -> Response<Vec<u8>> {
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(target)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_bytes())
            .unwrap();
        self.send(node, request).await
    }

    /// Begins a sign-in at a node, and has the identity provider answer it: the form field `SAMLResponse`.
    pub(crate) async fn begin(&mut self, node: &Node, idp: &mut SamlIdp, user: &User) -> String {
        let off = self.get(node, "/login/sso?enterprise_key=acme").await;
        let location = off.headers().get(header::LOCATION).unwrap_or_else(|| panic!("{}", text(&off)));
        let (_, query) = location.to_str().unwrap().split_once('?').unwrap();
        let request = idp.receive_from_anybody(Incoming::Redirect { query }).unwrap();
        idp.answer(&request, user, now()).unwrap()
    }

    /// Brings the answer of the identity provider to a node.
    pub(crate) async fn finish(&mut self, node: &Node, response: &str) -> Response<Vec<u8>> {
        // As the page of our own sends it that the browser's cookies come back with
        let fields = [("SAMLResponse", response), ("again", "1")];
        self.post(node, &format!("/saml/{CONNECTION}/acs"), &fields).await
    }

    async fn send(&mut self, node: &Node, mut request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let response = node.send(request).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

pub(crate) fn text(response: &Response<Vec<u8>>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}
