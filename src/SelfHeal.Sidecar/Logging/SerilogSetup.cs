using System.Globalization;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Config;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace SelfHeal.Sidecar.Logging;

/// <summary>Sends the log of the running process to standard output, as the configuration says.</summary>
internal static class SerilogSetup
{
    private const string Template = "{Utc:l} {Level:u3} {SourceContext:l}: {Message:lj}{NewLine}{Exception}";

    /// <summary>Adds Serilog as the only provider.</summary>
    /// <param name="logging">What to add to.</param>
    /// <param name="options">Format and level.</param>
    public static void Configure(ILoggingBuilder logging, LoggingOptions options)
    {
        ArgumentNullException.ThrowIfNull(logging);
        ArgumentNullException.ThrowIfNull(options);
        logging.ClearProviders();
        logging.SetMinimumLevel(options.Level);
        // The framework's Information is one line per request; whoever wants it sets trace or debug.
        if (options.Level >= LogLevel.Information)
            logging.AddFilter("Microsoft", Later(options.Level, LogLevel.Warning));
        if (options.Level != LogLevel.None)
            logging.AddProvider(new SerilogLoggerProvider(CreateLogger(options.Format), dispose: true));
    }

    private static Logger CreateLogger(LogFormat format)
    {
        // Levels are filtered by Microsoft.Extensions.Logging before anything is built for Serilog.
        var configuration = new LoggerConfiguration().MinimumLevel.Verbose();
        return format switch
        {
            LogFormat.Json => configuration.WriteTo
                .Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture))
                .CreateLogger(),
            LogFormat.Console => configuration
                .Enrich.With(new UtcEnricher())
                .WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture)
                .CreateLogger(),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    private static LogLevel Later(LogLevel left, LogLevel right) => left > right ? left : right;

    // Serilog's own {Timestamp} is local time, and a fleet's logs are read side by side.
    private sealed class UtcEnricher : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            var utc = logEvent.Timestamp.UtcDateTime.ToString(
                "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            logEvent.AddOrUpdateProperty(new LogEventProperty("Utc", new ScalarValue(utc)));
        }
    }
}
