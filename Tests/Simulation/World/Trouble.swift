// What goes wrong while a world is busy: each kind comes again and again, at random times.

import WeirRuntime

struct Trouble {
    let world: World

    func begin() {
        let shape = world.shape
        again(shape.rebalance, "rebalance") { $0.group.rebalance(because: "something changed") }
        again(shape.crash, "crash") { $0.crash($0.dice.below($0.workers.count)) }
        again(shape.stop, "stop") { world in
            world.workers[world.dice.below(world.workers.count)]?.stop(for: world.dice.delay(mean: 2_500_000))
        }
        again(shape.cut, "cut") { world in
            world.workers[world.dice.below(world.workers.count)]?.cutOff(for: world.dice.delay(mean: 1_500_000))
        }
        again(shape.leave, "leave") { $0.workers[$0.dice.below($0.workers.count)]?.isStopping = true }
        again(shape.clockJump, "jump") { world in
            let days = Int64(world.dice.number(-2...2))
            world.note(.clockJump)
            world.workers[world.dice.below(world.workers.count)]?.jump(
                by: days * 86_400_000_000 + world.dice.number(-5_000_000...5_000_000))
        }
        again(shape.databaseAway, "away") { $0.databaseGoesAway(for: $0.dice.delay(mean: 700_000)) }
        again(shape.slowSpells, "slow") { $0.databaseIsSlow(for: $0.dice.delay(mean: 1_500_000)) }
        again(shape.truncation, "truncate") { $0.broker.truncate(in: $0) }
    }

    private func again(_ mean: Int64, _ name: StaticString, _ action: @escaping (World) -> Void) {
        guard mean > 0 else { return }
        let world = world
        world.schedule(in: world.dice.delay(mean: mean), name) {
            guard !world.isHealed else { return }
            action(world)
            again(mean, name, action)
        }
    }
}
