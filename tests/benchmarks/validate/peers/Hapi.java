// HAPI FHIR's FhirInstanceValidator with R4's own definitions and terminology, warm, on text.
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

public class Hapi {
  public static void main(String[] arguments) throws Exception {
    FhirContext context = FhirContext.forR4();
    FhirValidator validator = context.newValidator();
    validator.registerValidatorModule(new FhirInstanceValidator(new ValidationSupportChain(
        new DefaultProfileValidationSupport(context), new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context), new SnapshotGeneratingValidationSupport(context))));
    Map<String, List<String>> inputs = new HashMap<>();
    int next = 0;
    var machine = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ");
      Path file = Path.of(arguments[0], words[0] + ".ndjson");
      if (!inputs.containsKey(words[0])) inputs.put(words[0], Files.readAllLines(file));
      List<String> texts = inputs.get(words[0]);
      long started = machine.getProcessCpuTime(), until = started + Long.parseLong(words[2]) * 1_000_000;
      long count = 0, errors = 0;
      while (machine.getProcessCpuTime() < until || count == 0) {
        var found = validator.validateWithResult(texts.get(next++ % texts.size())).getMessages();
        errors = found.stream().filter(m -> m.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal()).count();
        count++;
      }
      double micros = (machine.getProcessCpuTime() - started) / 1000.0 / count;
      System.out.printf("{\"micros\": %s, \"operations\": %d, \"errors\": %d}%n", micros, count, errors);
    }
  }
}
