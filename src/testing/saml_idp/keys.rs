//! The keys of the testing identity provider. They are published: whoever trusts one of them outside of a test
//! lets everybody in.

use std::sync::LazyLock;

use crate::crypto::{Certificate, SigningKey};

/// A fixed private key with its certificate, the same in every release. Made for tests, published with the
/// source, never to be trusted anywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TestKey {
    /// RSA with 2048 bits, valid until the end of 2099: what the identity provider signs with.
    Rsa,
    /// Another RSA key of that kind: the new key of a rollover, or somebody else's.
    OtherRsa,
    /// RSA with 2048 bits, expired at the end of 2021.
    ExpiredRsa,
    /// Elliptic curve P-256, valid until the end of 2099. Its signatures differ from run to run.
    P256,
}

impl TestKey {
    /// Every key.
    pub const ALL: [Self; 4] = [Self::Rsa, Self::OtherRsa, Self::ExpiredRsa, Self::P256];

    /// The private key.
    #[must_use]
    pub fn signing_key(self) -> &'static SigningKey {
        &self.pair().key
    }

    /// The certificate, which the key itself has signed.
    #[must_use]
    pub fn certificate(self) -> &'static Certificate {
        &self.pair().certificate
    }

    /// The private key as PEM (PKCS#8).
    #[must_use]
    pub fn key_pem(self) -> &'static str {
        match self {
            Self::Rsa => RSA_KEY,
            Self::OtherRsa => OTHER_RSA_KEY,
            Self::ExpiredRsa => EXPIRED_RSA_KEY,
            Self::P256 => P256_KEY,
        }
    }

    /// The certificate as PEM.
    #[must_use]
    pub fn certificate_pem(self) -> &'static str {
        match self {
            Self::Rsa => RSA_CERTIFICATE,
            Self::OtherRsa => OTHER_RSA_CERTIFICATE,
            Self::ExpiredRsa => EXPIRED_RSA_CERTIFICATE,
            Self::P256 => P256_CERTIFICATE,
        }
    }

    fn pair(self) -> &'static Pair {
        match self {
            Self::Rsa => &RSA,
            Self::OtherRsa => &OTHER_RSA,
            Self::ExpiredRsa => &EXPIRED_RSA,
            Self::P256 => &P256,
        }
    }
}

struct Pair {
    key: SigningKey,
    certificate: Certificate,
}

static RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::Rsa));
static OTHER_RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::OtherRsa));
static EXPIRED_RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::ExpiredRsa));
static P256: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::P256));

impl Pair {
    #[expect(
        clippy::expect_used,
        reason = "INVARIANT (test keys): fixed values, each of which a unit test reads"
    )]
    fn read(key: TestKey) -> Self {
        Self {
            key: SigningKey::from_pem(key.key_pem().as_bytes()).expect("a fixed key"),
            certificate: Certificate::parse(key.certificate_pem().as_bytes()).expect("a fixed certificate"),
        }
    }
}

const RSA_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDFmlODNWA3I13w
j1aqfBXUL7/m9SYYBNV1aNVJyDSZ/FlSUc/C0bp8I0ipu2XUR3Ntk2Xo8W/DhAMQ
JHeeH0F6RnIxl8l+ZiT37dOBNPNniAnW2K1vJtwxRJvJZV4Ek5ci0Pl3C1U7Xeck
uSzLLlL6Uiy62YT1fcZh/pZdus6ZVpKM8f3XMq2XO61EegPvLqu8Iq+7iuNSXpSJ
65+FHHJ9p4JlyRWKML/uVYxq6vTX0YuA6CodrVIO1cbntM0NUyRvUW2avr2nV/0H
3EudYkpEmtuKciWJ/qYKA9EJvwtJ5qKimhsaNlKO3hu+cdFLDk+HNXLJ6wmLoBmM
hzE2itDDAgMBAAECggEAA9s6LAJbqVfQWoSBnXwkdOqlpR09rBRUEiGEoBb/J84r
9BZSpquvJwMNRPq6RwVJ9GZ/A6fKlZc69BKyHuzfO0KqsdsTfJsDt671hL0Czw9x
mbbK07N/cpqzK6AF0LMMrQpFBBS9ihYQD8BpZmG2DtqRsufR13Sn7XupdZTSuV1V
VxcqJdn3kYmvD5VGoH/QK0JzrTQ3m2bq0VZJkGKbJMQ07Kr1hOMSmYBSK1uMDHD/
I+t5v6UC52lPgKi25CBtSITKhrCCFKRhxBIMjcaSW8KQ0XHH2AbsiOsAi46WYZpQ
amEunRwqd5KRYZih37ZCuXZQQ7qkVQmamdECHEJzGQKBgQD3lj317MK1Ok6DWnEr
REXcwqYXtv1IDS8y99R/Mw9dNCM56O1GzlDzI3T64pxwfinqI5kiZOUJ2GXBgE1M
v49lwKx4wVQkK8803kWBP/ucRFmLAz2+q3Ze/nBB8eWhQXxHvRH3oGSLSSxlnXFS
S0fHmudebBvysxBJhChppPLprQKBgQDMUUXlr5GDK6MvqlFCy6WfUqHV71ua8jck
rBbyJmILNG4groVNdrOrDSUWgCg0sLa5zN9oxgpsjnakvAbqax+8F0+uTEyfQcvz
5/mK80sIAUVm8ZFqtfJytgCNLgpDw9KiA2+FSzok/26rFmQUcnAtG4jHsrGnbEo7
CD+R34rSLwKBgQDRjjrXYhPTLIyzpONQibLQDXhjbiCm0XH3o8gZ+W+xpaWDKGFc
otflU0d56kAa/s4fPQ4qDFfHo39M7nl+0kxfBVt1wbyj+OiiiNcvdKZUN43KmW2z
apEACj+dsU541GKKnb8NZpZzRfXr8/yseMdCbRwT0VE+dMz+THugH1ry6QKBgC0J
ZSzh7GNLhScGle7xUMqzvjSYFEstRPZycIRj7Yymu/e8QGn41lXICfrRuQsUQNLn
0/8WWEnhhUl+oM+fWVlukgPLkcAxErHq2ljElC9piFDOws0Q2iZq8+gq09xoF8/a
jgSFtoVdQJm5z8mqCAwJW7cZLovHFP26LbkL21/FAoGADdoRtQmzpEBjpF5Nu5e3
ToWyKGSMp3PtBNFSvca2wDc6bvrVCzyPvwaVS0aNFXoJWAnK1SsirAp0eJX9CFZe
YVpZyeUPAhISEcwaQXoRjjWg6j9BQOncP17O9XCq8+Qhw3Vl/fsRgfFEO9LcobNZ
K2+f2tWeALRVW+Zuvfx/i3c=
-----END PRIVATE KEY-----
";

const RSA_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIDJTCCAg0CFCWTUf8TTVxYezmycbtbOqwfH9liMA0GCSqGSIb3DQEBCwUAME4x
KzApBgNVBAoMIlB1Ymxpc2hlZCB0ZXN0IGtleSwgbmV2ZXIgdHJ1c3QgaXQxHzAd
BgNVBAMMFmFkbWl0dGFuY2UgdGVzdGluZyBSU0EwIBcNMjAwMTAxMDAwMDAwWhgP
MjA5OTEyMzEyMzU5NTlaME4xKzApBgNVBAoMIlB1Ymxpc2hlZCB0ZXN0IGtleSwg
bmV2ZXIgdHJ1c3QgaXQxHzAdBgNVBAMMFmFkbWl0dGFuY2UgdGVzdGluZyBSU0Ew
ggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDFmlODNWA3I13wj1aqfBXU
L7/m9SYYBNV1aNVJyDSZ/FlSUc/C0bp8I0ipu2XUR3Ntk2Xo8W/DhAMQJHeeH0F6
RnIxl8l+ZiT37dOBNPNniAnW2K1vJtwxRJvJZV4Ek5ci0Pl3C1U7XeckuSzLLlL6
Uiy62YT1fcZh/pZdus6ZVpKM8f3XMq2XO61EegPvLqu8Iq+7iuNSXpSJ65+FHHJ9
p4JlyRWKML/uVYxq6vTX0YuA6CodrVIO1cbntM0NUyRvUW2avr2nV/0H3EudYkpE
mtuKciWJ/qYKA9EJvwtJ5qKimhsaNlKO3hu+cdFLDk+HNXLJ6wmLoBmMhzE2itDD
AgMBAAEwDQYJKoZIhvcNAQELBQADggEBAFOFBDrqfJsA0Dn8nYGUMY/7xXcjmqmr
wjwdBQKxOKIXRwkFHv/frFEQimaqgrBkJZ5MW9FPwY8iBzz2LzQ/43NVnGIx4gjb
+7bBiJQdndb0kwZvnJCkpwfPw6Q+afx+kEitVJtJx+DK5vJxDnWzrGfY5OJ9A8Oi
5R1++lg4ac4EI4WF+8zh4vxAaRYaxTjKsm89qiBwKpMOBK8AS35ysBA8GG2ozDP5
TjI+/FgqoZY+oy785yZr4DhRr0FQOzIK+Rr0BLgMCWk7UFTVfCSiuWbo/Iqz3Vsc
iR7S4LZfdlOrn/YD3YD2edAmuSeIyGbpd8yHccsK67yBx2/xxUTC3s8=
-----END CERTIFICATE-----
";

const OTHER_RSA_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCumKXnWlbaj8lm
u7vcsuwIqHTIbMXdG37sKM1Gki+1u62BCEo3+g9Yvgm9X8nkaWS+RZ81/f+X/S/M
XQjuDiXGFpBQfznBIrSxEHB2w/2Ny63mthlB9I8Z70Txo1ejs2PIdCR4qd24T9LQ
eRRXqGZ2+Z3bjUJM34VzEYCxa8ddAR5c1hBt2GUnHv67lPOYkYl499GgG0cuk+Ln
sp1JlpJLpntukJm/8wT1J7+nuk3gP7+KjJmPLiTQ0JdJE4pTBvIwSuhuJncaHQFN
wJXXcmLs7YxcRLJwmcwiuLuc4bo6mUdyfzRpocYQb2MZGI1IgXKSFiilpjc/YfFW
WK035kyDAgMBAAECggEASioIawZaV3v1esCrM7wC/EiGVu6xe9Mmrm1EiUImpwVC
VcmuMSn04+bRn1I1oeNNCm/ridVLgYXojGBGn0x+Ki9CfRcV8t7prz8C7sghB97p
j1Nx1izqroMPH6+ZVi2o6KjBJ0pMpvKtY6XTCMs9PzOYJP9TlvDpsG/SYUsdg/j2
e8wRDeH+QxlmU0LL30mq63laluZqUeaq2BTKnMGJm3K99OatU/eDRIpW1bromzVx
fHOnUbUch2/ibDpnSz8VD43YGe14EkISxB2YiedLTEiR9lbgWF4UMCbAyKeSDnZQ
v54qnog1LOolKtslZEfKxPpfqC5GQjZ76SC6Elp9VQKBgQDZlmpfyG2eeGGSpjrF
lVD5TFh2vnWTI8wawBYlyQQF9EfQg4xeR7fxaiZJ20sf7qHmguRc6ZNVdwAFrc47
IL4p4JCOowf/xK8nztzGcIIEPu7hz91r/za0oNKr3enJP0brEC4djX8MltLaZoBW
CoDtR7FpKFaBPNM24NIPJof4XwKBgQDNa0xNGwqYSdYh3KF/TupqApEu/LE/KMqU
apQ+b8ix5cBTCT8vYooDA0vXohI3DSArlRtwzFDEW1B/sR8tqYYoXIB9HfIgzYWH
X+MeekZdCZipvXODYcOR8IHqB6P0CNKN6ezChu/vBFxebJCgfD4mr3D8i4+gq8hm
OBKwAiAuXQKBgAzntfFuYsoGW8sl3tB/NalDlO+eBj0u31kq0WV2Ua3Eukmss7OX
z1obMKAqyH7hWWrhkofMNrfX8gFkOJobLAwxzIEZPE04LidPRpria2OzE9oCySAx
p934t+YHqGkOPreMYx/Pl5x4iZL4h14TC2iHWwdgpBjQMbrMhMjvQRtDAoGALHLs
Rr70MvG/MQKRu39y/89gZP9uxxDnjOfm/f+oOL5TOGSG1JUI8g/ziExcjqb7cBLK
pkS/sU1lBMxpx7KoAfHKJ8ikDO8L1rgr5/tjYFxkOU5yQVqVO+4D3oUauAJ0tRqK
DamvH1QdPJ1XSjK4LBzIYQ093fFt4ph9irJbDk0CgYEAz+f9HNtuJeB0Kt5bBBq2
pyN1Wlzpc6zuW2eHu7YIJf6Bo6Q9lFxABsT1bHudAgjOU7vyN+uRE4qu7EoBVPmM
MDcd8HaFZEdiMqyokCYPtsDYwHatxUfcIZQRRqsto8QfS+zfiKr9NqIaXQukSkPc
mm2MYQHHtUe7V0tgIN/LYIc=
-----END PRIVATE KEY-----
";

const OTHER_RSA_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIDMTCCAhkCFGMinZmXGN2fU2USVM5wKwsjdKjzMA0GCSqGSIb3DQEBCwUAMFQx
KzApBgNVBAoMIlB1Ymxpc2hlZCB0ZXN0IGtleSwgbmV2ZXIgdHJ1c3QgaXQxJTAj
BgNVBAMMHGFkbWl0dGFuY2UgdGVzdGluZyBvdGhlciBSU0EwIBcNMjAwMTAxMDAw
MDAwWhgPMjA5OTEyMzEyMzU5NTlaMFQxKzApBgNVBAoMIlB1Ymxpc2hlZCB0ZXN0
IGtleSwgbmV2ZXIgdHJ1c3QgaXQxJTAjBgNVBAMMHGFkbWl0dGFuY2UgdGVzdGlu
ZyBvdGhlciBSU0EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCumKXn
Wlbaj8lmu7vcsuwIqHTIbMXdG37sKM1Gki+1u62BCEo3+g9Yvgm9X8nkaWS+RZ81
/f+X/S/MXQjuDiXGFpBQfznBIrSxEHB2w/2Ny63mthlB9I8Z70Txo1ejs2PIdCR4
qd24T9LQeRRXqGZ2+Z3bjUJM34VzEYCxa8ddAR5c1hBt2GUnHv67lPOYkYl499Gg
G0cuk+Lnsp1JlpJLpntukJm/8wT1J7+nuk3gP7+KjJmPLiTQ0JdJE4pTBvIwSuhu
JncaHQFNwJXXcmLs7YxcRLJwmcwiuLuc4bo6mUdyfzRpocYQb2MZGI1IgXKSFiil
pjc/YfFWWK035kyDAgMBAAEwDQYJKoZIhvcNAQELBQADggEBAD1XjhbtZolZiEbj
RWQcDrdGMkMycFMZD6y5jp8X3RNXaiLSIWkPzf86iSgt/gr7VnfjeVasQ0XP3uOl
xANA6E8unkov7UR0PPaQCizCwnvXbXa9Np0l3bwVLNYmqYV5g+V2+dIMm+uqNa4Y
t/sI6ZCbmHt0MEv2DNJ0OJq4LwhqO3ZjA0dQiWcbfSpGze3SQbiJYYxKsqZoTrRu
Y78J5hy8BfNUZ5XVLZJLOR4+15zdMXrlkAAaB/EgBVmXOhlsaKzsjsgGUFrUNJIq
Pe8I8qvjdGxX7FgEiGDrzzS8SMAg02sCQB7UExWfO9p1n3EaLV6ImkKemJ3gJA0M
SCFrmIE=
-----END CERTIFICATE-----
";

const EXPIRED_RSA_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC3k0vrZKZXfLJv
PsJJUJFN53PoC+36lBWDU4r9oCHFyJRw+Ea2ipSr3DaQB+HQZsf4iqNa+DFMG6DI
ES8jNNFpR4jwKRFZpk5LyfCkx7mk5lTtbti3QwcDUCGN05P5GTq0S5M/U1sbA3U4
rd9aEEK4q3Pu+T9D4HJJTwVcdXn9Cy4GOy5Co9hsTpeokNQ3d5PIBk3S8Do1s6og
1vZxnVbv9vdsbIom7fbrv9ObebiS0mZgAeFgR/csaXgFEsiH94len7+ejAOiIVQN
Loel3d+ySUTcQjmArp5wFqya0F0nsHriJMQuF9gDiPCcvet9lIgjJRjhJVyaIsYL
ospbYkMlAgMBAAECggEAUs2c7AONSF8VuToMtrcho4sn694drO5IueDgC8DEGwt7
cW17r/DYWKDO966me7MwtfoK7wiOa+72WefuZCn530wGB5Xunop2PJdM9XalVS0T
17ktBZS1QBhP2kI6N5zaruJ7+49kw82OfU9oNJ6rCdNESuGgWMSPqGN9XpQavzkc
waBHhyFb3m/WFrlQhh1oUGVz1G9a36OlzQztFjQ/OvG4S4IQMx103rvnySbnLm8c
fLxjBv5lQ6qNJlfHue84HzTRW0IqVQmlwUW9IAokuwhZC/GrW0ep9PmdQteN+uhf
xO95lyUOKnm5s+THqW8tX4i4GTtJ0nmi1GvosxlEjQKBgQDnU5nkm1UL3riecBhQ
hWJiGNNNNDxqcWHe7pUe8cbLe1EGrS3KJ+ybr2eKjlISWcSiz72qntbstzZXgKZG
YhiLjFFTD44IQ85yCd7NGNjeR3200dlWVT7oNcPx51mAiInMdQY2XJxKFKh7pkDm
Ndn87yn1jRsXqZBzzXCepIL2YwKBgQDLJ9f3Svdx7WUFtlLrQe+E5FSpgC7IIPXW
YQqLzy/yixhzRzR24LB9J9BV0xDe1uOz4+FjKT77xRKyWoS4qCURdXZeN4Mo6ymX
73v6aXwpSVul5Whh6zIlOhfSUCTIhr512O9aI2skE50bJxWdXcUaH1xQ0etcb7/N
HrpDNYIy1wKBgCfbg7yb9v9glLbX4ZieIuF8HYxD39UHTDG5MgBu8C3HRaK83BLk
5iO9CT4aX5HB3dufp7JqQ+Xte3OAOyYNaOVCfBCvsW1DIaMMiFMWYOeLseEh9yyk
633fJa/ciNNYs0WDNFrRgixReuYzMyN3S+QE4Vnpwi1Fjhol36218sq5AoGAbowZ
2vkyOQ5jIH6cFGRmv7u3zhxwWHqHC8b2hCmT/7ls7p3akK2nnBMkLO+TiI8KjQL9
zIXPPhV5HRBglFL7CMsQRCiU+JkuovywTA1GgPjoJBf3ewEO4m8AM3Nk8LFRxrLr
W/NWA+WgYfwcqOszrAlQpLH2DvDIQAfud1AQrzUCgYAX0ERb9MCBL4bX0Aa1T18a
zgXmiyvtFu5+Ajaebqs592e04CyaGOmpYqJPAMcZsKxCfYD3D3o2t2CzOXT4dYEX
J76GG76f8azaJ5JbMniwbKinmFq7avd/ucqZqQf6cWgSgYop2UZl0s1iJ3gYgfSS
gcj8virNqmQNM9uC0KJP5g==
-----END PRIVATE KEY-----
";

const EXPIRED_RSA_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIDMzCCAhsCFCnPWTJ+8R4q3Q+grFBJb1J9iUTVMA0GCSqGSIb3DQEBCwUAMFYx
KzApBgNVBAoMIlB1Ymxpc2hlZCB0ZXN0IGtleSwgbmV2ZXIgdHJ1c3QgaXQxJzAl
BgNVBAMMHmFkbWl0dGFuY2UgdGVzdGluZyBleHBpcmVkIFJTQTAeFw0yMDAxMDEw
MDAwMDBaFw0yMTEyMzEyMzU5NTlaMFYxKzApBgNVBAoMIlB1Ymxpc2hlZCB0ZXN0
IGtleSwgbmV2ZXIgdHJ1c3QgaXQxJzAlBgNVBAMMHmFkbWl0dGFuY2UgdGVzdGlu
ZyBleHBpcmVkIFJTQTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALeT
S+tkpld8sm8+wklQkU3nc+gL7fqUFYNTiv2gIcXIlHD4RraKlKvcNpAH4dBmx/iK
o1r4MUwboMgRLyM00WlHiPApEVmmTkvJ8KTHuaTmVO1u2LdDBwNQIY3Tk/kZOrRL
kz9TWxsDdTit31oQQrirc+75P0PgcklPBVx1ef0LLgY7LkKj2GxOl6iQ1Dd3k8gG
TdLwOjWzqiDW9nGdVu/292xsiibt9uu/05t5uJLSZmAB4WBH9yxpeAUSyIf3iV6f
v56MA6IhVA0uh6Xd37JJRNxCOYCunnAWrJrQXSeweuIkxC4X2AOI8Jy9632UiCMl
GOElXJoixguiyltiQyUCAwEAATANBgkqhkiG9w0BAQsFAAOCAQEAfB0QtA6TBmj3
e74ljeN0BoJh+I6GdYA5e0V24/Ay7xmbG0AOQT60GyNqOmKzTWOq+lCC7KOYVrxC
O0WrMgperOpUX0HiLNpZd4sGII99m6Awa70NSGcsoyyXTYnqi1BZaqn/3nZ80Wy1
vKAVKpKfMd2RaTKqnuWYCIA90I6Lz9fs82K8PsT/Ac3lFTKxXeB8yiPpsFp9Dwxp
WOnIFu1RIftCgwYUCkScVC1NwS4r3cA5ZjdcMiVJbl6Q/Tp41IWZVWw3WL2wR80N
tI1yC9ODV0+y8k/d595Vhb2OCzwO9wiGqgpr6x5lRzTZmNrvBBG6xr0PQGD32VlM
h7metAmE9g==
-----END CERTIFICATE-----
";

const P256_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCMsr5CZZ3HGdhy8B
I3POGeTJl1HtA+5najTS6Q30w1ehRANCAAT9dzNzOLT253n8RihWf5QRWZBt/P3b
xxk47MYB9Qvm8DFcs0jTXZY6nh69hN16sKdWTHl4PE/r+I6A6WJMAzam
-----END PRIVATE KEY-----
";

const P256_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBnTCCAUMCFGpitUH2TVV9wXXfZxlZ3VwDf/4SMAoGCCqGSM49BAMCMFAxKzAp
BgNVBAoMIlB1Ymxpc2hlZCB0ZXN0IGtleSwgbmV2ZXIgdHJ1c3QgaXQxITAfBgNV
BAMMGGFkbWl0dGFuY2UgdGVzdGluZyBQLTI1NjAgFw0yMDAxMDEwMDAwMDBaGA8y
MDk5MTIzMTIzNTk1OVowUDErMCkGA1UECgwiUHVibGlzaGVkIHRlc3Qga2V5LCBu
ZXZlciB0cnVzdCBpdDEhMB8GA1UEAwwYYWRtaXR0YW5jZSB0ZXN0aW5nIFAtMjU2
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/Xczczi09ud5/EYoVn+UEVmQbfz9
28cZOOzGAfUL5vAxXLNI012WOp4evYTderCnVkx5eDxP6/iOgOliTAM2pjAKBggq
hkjOPQQDAgNIADBFAiEAztzVPmhyquBykivGgtBVhqgbxJEf/w8Cr5qDEjyaewkC
IH5RgktCicePUK1f+HSZ/FhSPlUc26yWr/IW34r2DplR
-----END CERTIFICATE-----
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_certificate_is_of_its_key() {
        for key in TestKey::ALL {
            assert_eq!(key.certificate().public_key(), key.signing_key().public_key(), "{key:?}");
            assert!(key.certificate().subject().contains("never trust it"));
        }
    }
}
