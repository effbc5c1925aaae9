using System.Collections.Immutable;
using System.CommandLine;
using SelfHeal.Ledger;
using SelfHeal.Sidecar.Commands;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;

namespace SelfHeal.Sidecar.Composition;

/// <summary>What the frame of the executable is filled with.</summary>
/// <param name="ComposeAsync">Makes what runs inside <c>selfheal serve</c>; fails with
/// <see cref="LedgerOpenException"/> or <see cref="FormatException"/> where the ledger cannot be taken up.</param>
/// <param name="CheckResources">Reads and validates a directory of Envoy resources by descriptor sets, without
/// serving it.</param>
/// <param name="MoreCommands">Commands beyond the frame's own; each factory adds its examples to the help.</param>
internal sealed record ApplicationParts(
    Func<SelfHealOptions, TimeProvider, CancellationToken, Task<HostComposition>> ComposeAsync,
    Func<string, ImmutableArray<string>, ResourceCheck> CheckResources,
    ImmutableArray<Func<CommandEnvironment, CommandHelp, Command>> MoreCommands);
