using SelfHeal.Sidecar.Commands;
using SelfHeal.Sidecar.Composition;

var commandLine = new SelfHealCommandLine(CommandEnvironment.OfProcess(), SidecarParts.Create());
return await commandLine.RunAsync(args, CancellationToken.None);
