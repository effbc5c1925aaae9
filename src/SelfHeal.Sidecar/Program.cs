using SelfHeal.Sidecar.Commands;
using SelfHeal.Sidecar.Composition;

var commandLine = new SelfHealCommandLine(CommandEnvironment.OfProcess(), StandaloneParts.Create());
return await commandLine.RunAsync(args, CancellationToken.None);
