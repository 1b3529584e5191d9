//! The hosts and ports that requests go to, as one thread knows them. Owns their numbering, to which redirects add.

use std::cell::RefCell;
use std::rc::Rc;

use crate::target::Target;

use super::connector::Connector;
use super::transport::Transport;

/// A host and port.
#[derive(Debug)]
pub(super) struct Origin {
    /// Some URL of it.
    pub(super) target: Target,
    pub(super) connector: Connector,
}

/// All of them, by index.
#[derive(Debug)]
pub(super) struct Origins {
    known: RefCell<Vec<Rc<Origin>>>,
    transport: Transport,
    first: usize,
}

impl Origins {
    /// These, in their order; `first` is whose turn it is first of the addresses of each.
    pub(super) fn new(targets: &[Target], transport: &Transport, first: usize) -> Self {
        let origins = Self { known: RefCell::default(), transport: transport.clone(), first };
        for target in targets {
            origins.add(target);
        }
        origins
    }

    /// The one of this index.
    pub(super) fn get(&self, index: usize) -> Rc<Origin> {
        self.known.borrow()[index].clone()
    }

    /// The index of the one of `target`, which need not have been known before.
    pub(super) fn index_of(&self, target: &Target) -> usize {
        let known = self.known.borrow().iter().position(|origin| origin.target.is_same_origin(target));
        known.unwrap_or_else(|| self.add(target))
    }

    fn add(&self, target: &Target) -> usize {
        let connector = Connector::new(target, &self.transport, self.first);
        let mut known = self.known.borrow_mut();
        known.push(Rc::new(Origin { target: target.clone(), connector }));
        known.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_to_a_new_host_adds_one_and_to_a_known_one_does_not() {
        let transport = crate::bench::testing::plan(&["a"]).unwrap().transport;
        let target = |text: &str| text.parse::<Target>().unwrap();
        let origins = Origins::new(&[target("a/1"), target("b")], &transport, 0);
        assert_eq!((origins.index_of(&target("a/2")), origins.index_of(&target("a:81"))), (0, 2));
        assert_eq!(origins.index_of(&target("a:81/x")), 2);
        assert_eq!(origins.get(2).target, target("a:81"));
        assert_eq!(origins.index_of(&target("https://a:81")), 3, "TLS makes it another one");
    }
}
