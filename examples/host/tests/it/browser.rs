//! A browser as far as sign-in needs one: it keeps the cookies of the product, and follows nothing by itself.

use std::{cell::RefCell, collections::BTreeMap};

use http::{Request, Response, header};

use crate::node::Node;

#[derive(Clone, Default)]
pub(crate) struct Browser {
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) async fn get(&self, node: &Node, target: &str) -> Response<Vec<u8>> {
        let request = Request::get(target).header(header::COOKIE, self.cookies());
        self.send(node, request.body(Vec::new()).unwrap()).await
    }

    /// A form on a page of the product itself.
    pub(crate) async fn post(&self, node: &Node, target: &str, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
        let request = form(target).header(header::COOKIE, self.cookies());
        let request = request.header(header::ORIGIN, &node.base);
        self.send(node, request.body(encoded(fields)).unwrap()).await
    }

    /// A form with a file on a page of the product itself.
    pub(crate) async fn upload(
        &self,
        node: &Node,
        target: &str,
        fields: &[(&str, &str)],
    ) -> Response<Vec<u8>> {
        let part = |(name, value): &(&str, &str)| {
            format!("--border\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!("{}--border--\r\n", fields.iter().map(part).collect::<String>());
        let request = Request::post(target)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=border")
            .header(header::COOKIE, self.cookies())
            .header(header::ORIGIN, &node.base);
        self.send(node, request.body(body.into_bytes()).unwrap()).await
    }

    /// A form on a page of another site: on http, no cookie comes with it.
    pub(crate) async fn post_from_elsewhere(
        &self,
        node: &Node,
        target: &str,
        fields: &[(&str, &str)],
    ) -> Response<Vec<u8>> {
        let request = form(target).header(header::ORIGIN, "null");
        self.send(node, request.body(encoded(fields)).unwrap()).await
    }

    /// The token in the page's forms.
    pub(crate) async fn csrf(&self, node: &Node) -> String {
        let page = text(&self.get(node, "/me").await);
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn send(&self, node: &Node, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let response = node.send(request).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        response
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

pub(crate) fn text(response: &Response<Vec<u8>>) -> String {
    String::from_utf8(response.body().clone()).unwrap()
}

pub(crate) fn location(response: &Response<Vec<u8>>) -> String {
    let location = response.headers().get(header::LOCATION);
    let location = location.unwrap_or_else(|| panic!("{} {}", response.status(), text(response)));
    location.to_str().unwrap().to_owned()
}

fn form(target: &str) -> http::request::Builder {
    Request::post(target).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

fn encoded(fields: &[(&str, &str)]) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}
