//! The engines: prepared facts enter, the amount that each pays leaves.

use std::sync::Arc;

use accrue_bench::Result;
use accrue_bench::native::five::Facts;
use accrue_bench::peers::Peer;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value as Json, json};

/// The shortest decimal that a binary float stands for.
fn shortest(float: f64) -> Option<Decimal> {
    format!("{float}").parse().ok()
}

fn float(decimal: Decimal) -> Option<f64> {
    decimal.to_f64()
}

/// The facts as JSON with binary floats, for the engines that have nothing else.
fn floats(facts: &Facts<Decimal>) -> Json {
    json!({
        "status": facts.status,
        "lifetime_value": facts.lifetime_value.and_then(float),
        "amount": float(facts.amount),
        "promo_codes": facts.promo_codes,
    })
}

/// zen-expression: bytecode over decimals.
pub struct Zen {
    rule: zen_expression::Expression<zen_expression::expression::Standard>,
    vm: zen_expression::vm::VM,
    scopes: Vec<zen_expression::scope::Scope>,
}

impl Zen {
    /// Compiles the rule.
    pub fn new(facts: &[Facts<Decimal>]) -> Result<Self> {
        use zen_expression::Variable;
        let rule = zen_expression::compile_expression(
            "status == 'new' and amount >= 200 ? amount * 0.12 \
             : 'SPRING' in promo_codes ? amount * 0.10 + 2.50 \
             : (lifetime_value ?? 0) >= 1000 ? amount * 0.08 \
             : (lifetime_value ?? 0) >= 500 ? amount * 0.06 \
             : amount * 0.04",
        )
        .map_err(|error| format!("{error:?}"))?;
        let scope = |facts: &Facts<Decimal>| {
            let variable: Variable = floats(facts).into();
            // Not by way of the floats: the engine has decimals.
            if let Variable::Object(object) = &variable {
                let mut object = object.borrow_mut();
                object.insert("amount".into(), Variable::Number(facts.amount));
                if let Some(value) = facts.lifetime_value {
                    object.insert("lifetime_value".into(), Variable::Number(value));
                }
            }
            zen_expression::scope::Scope::new(variable)
        };
        Ok(Self { rule, vm: zen_expression::vm::VM::new(), scopes: facts.iter().map(scope).collect() })
    }
}

impl Peer for Zen {
    const NAME: &'static str = "zen-expression 2.1";
    type Answer = zen_expression::Variable;

    fn actions(&self) -> usize {
        self.scopes.len()
    }

    fn evaluate(&mut self, n: usize) -> Option<Self::Answer> {
        self.rule.evaluate_with_scope(self.scopes.get(n)?, &mut self.vm).ok()
    }

    fn paid(&mut self, n: usize) -> Option<Decimal> {
        match self.evaluate(n)? {
            zen_expression::Variable::Number(decimal) => Some(decimal),
            _ => None,
        }
    }
}

/// datalogic-rs: JsonLogic in an arena, over binary floats.
pub struct DataLogic {
    engine: datalogic_rs::Engine,
    rule: datalogic_rs::Logic,
    arena: datalogic_rs::bumpalo::Bump,
    data: Vec<datalogic_rs::ParsedData>,
}

impl DataLogic {
    /// Compiles the rule.
    pub fn new(facts: &[Facts<Decimal>]) -> Result<Self> {
        let engine = datalogic_rs::Engine::new();
        let percent = |rate: f64| json!({"*": [{"var": "amount"}, rate]});
        let spent = |least: f64| json!({">=": [{"var": ["lifetime_value", 0]}, least]});
        let rule = json!({"if": [
            {"and": [{"===": [{"var": "status"}, "new"]}, {">=": [{"var": "amount"}, 200]}]}, percent(0.12),
            {"in": ["SPRING", {"var": "promo_codes"}]}, {"+": [percent(0.10), 2.50]},
            spent(1000.0), percent(0.08),
            spent(500.0), percent(0.06),
            percent(0.04),
        ]});
        let rule = engine.compile(rule.to_string().as_str()).map_err(|error| error.to_string())?;
        let mut data = Vec::new();
        for facts in facts {
            let mut json = floats(facts);
            if let (None, Some(object)) = (facts.lifetime_value, json.as_object_mut()) {
                object.remove("lifetime_value");
            }
            let parsed = datalogic_rs::ParsedData::from_json(json.to_string().as_str());
            data.push(parsed.map_err(|error| error.to_string())?);
        }
        Ok(Self { engine, rule, arena: datalogic_rs::bumpalo::Bump::new(), data })
    }
}

impl Peer for DataLogic {
    const NAME: &'static str = "datalogic-rs 5.4";
    type Answer = f64;

    fn actions(&self) -> usize {
        self.data.len()
    }

    fn evaluate(&mut self, n: usize) -> Option<f64> {
        self.arena.reset();
        self.engine.evaluate(&self.rule, self.data.get(n)?, &self.arena).ok()?.as_f64()
    }

    fn paid(&mut self, n: usize) -> Option<Decimal> {
        shortest(self.evaluate(n)?)
    }
}

/// cel: a tree walker over binary floats, with a context for each action.
pub struct Cel {
    program: cel::Program,
    contexts: Vec<cel::Context<'static, 'static>>,
}

impl Cel {
    /// Compiles the rule.
    pub fn new(facts: &[Facts<Decimal>]) -> Result<Self> {
        let env = Arc::new(cel::Env::stdlib());
        let program = env
            .compile(
                "status == 'new' && amount >= 200.0 ? amount * 0.12 \
                 : 'SPRING' in promo_codes ? amount * 0.10 + 2.50 \
                 : lifetime_value >= 1000.0 ? amount * 0.08 \
                 : lifetime_value >= 500.0 ? amount * 0.06 \
                 : amount * 0.04",
            )
            .map_err(|error| error.to_string())?;
        let mut contexts = Vec::new();
        for facts in facts {
            let mut context = cel::Context::with_env(Arc::clone(&env));
            let amount = float(facts.amount).ok_or("an amount is too large")?;
            // It has no `??`; zero is what the rule takes for unknown.
            let spent = facts.lifetime_value.and_then(float).unwrap_or(0.0);
            context.add_variable_from_value("status", facts.status.clone());
            context.add_variable_from_value("amount", amount);
            context.add_variable_from_value("lifetime_value", spent);
            context.add_variable_from_value("promo_codes", facts.promo_codes.clone());
            contexts.push(context);
        }
        Ok(Self { program, contexts })
    }
}

impl Peer for Cel {
    const NAME: &'static str = "cel 0.15";
    type Answer = cel::Value;

    fn actions(&self) -> usize {
        self.contexts.len()
    }

    fn evaluate(&mut self, n: usize) -> Option<cel::Value> {
        self.program.execute(self.contexts.get(n)?).ok()
    }

    fn paid(&mut self, n: usize) -> Option<Decimal> {
        match self.evaluate(n)? {
            cel::Value::Float(float) => shortest(float),
            _ => None,
        }
    }
}

/// regorus: Rego as bytecode, over binary floats.
pub struct Regorus {
    vm: regorus::rvm::RegoVM,
    inputs: Vec<regorus::Value>,
}

impl Regorus {
    /// Compiles the rule.
    pub fn new(facts: &[Facts<Decimal>]) -> Result<Self> {
        const RULE: &str = r#"
            package bench
            default spent := 0
            spent := input.lifetime_value
            payout := input.amount * 0.12 if { input.status == "new"; input.amount >= 200 }
            else := (input.amount * 0.10) + 2.50 if { "SPRING" in input.promo_codes }
            else := input.amount * 0.08 if { spent >= 1000 }
            else := input.amount * 0.06 if { spent >= 500 }
            else := input.amount * 0.04
        "#;
        let mut engine = regorus::Engine::new();
        engine.add_policy("bench.rego".to_owned(), RULE.to_owned())?;
        let entry = "data.bench.payout";
        let compiled = engine.compile_with_entrypoint(&entry.into())?;
        let program = regorus::languages::rego::compiler::Compiler::compile_from_policy(&compiled, &[entry])?;
        let mut vm = regorus::rvm::RegoVM::new_with_policy(compiled);
        vm.load_program(program);
        let mut inputs = Vec::new();
        for facts in facts {
            let mut json = floats(facts);
            if let (None, Some(object)) = (facts.lifetime_value, json.as_object_mut()) {
                object.remove("lifetime_value");
            }
            inputs.push(regorus::Value::from_json_str(&json.to_string())?);
        }
        Ok(Self { vm, inputs })
    }
}

impl Peer for Regorus {
    const NAME: &'static str = "regorus 0.14";
    type Answer = regorus::Value;

    fn actions(&self) -> usize {
        self.inputs.len()
    }

    fn evaluate(&mut self, n: usize) -> Option<regorus::Value> {
        self.vm.set_input(self.inputs.get(n)?.clone());
        self.vm.execute().ok()
    }

    fn paid(&mut self, n: usize) -> Option<Decimal> {
        shortest(self.evaluate(n)?.as_f64().ok()?)
    }
}
