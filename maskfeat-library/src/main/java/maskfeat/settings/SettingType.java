package maskfeat.settings;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The type of a setting or of a group of settings, read from the Java type: a record is a group with a key for each
 * component, a sealed interface is a group of one of several kinds.
 *
 * <p>Mistakes in the types are ours, not the user's, and raise {@link IllegalStateException}.
 */
sealed interface SettingType permits ScalarType, SettingType.ListType, SettingType.RecordType, SettingType.SealedType {
    /** The key that says which kind a node is. */
    String KIND = "kind";

    /** For messages: what is accepted. */
    String expected();

    /** For explanations: what is accepted, without the keys of a group. */
    default String describe() {
        return expected();
    }

    static SettingType of(Type type) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return new ListType(of(list.getActualTypeArguments()[0]));
        }
        if (type instanceof Class<?> plain) {
            // Scalars first: an enum whose constants have bodies is sealed too.
            ScalarType scalar = ScalarType.of(plain);
            if (scalar != null) {
                return scalar;
            }
            if (plain.isRecord()) {
                return new RecordType(plain);
            }
            if (plain.isInterface() && plain.isSealed()) {
                return new SealedType(plain);
            }
        }
        throw new IllegalStateException("a setting cannot be of type " + type.getTypeName()
                + "; numbers, booleans, text, paths, enums, lists of these, records and sealed interfaces can");
    }

    /** Checks everything that a value of this type may ever hold, so that a badly made kind fails before it is chosen. */
    static SettingType checked(Type type) {
        SettingType checked = of(type);
        check(checked, new HashSet<>());
        return checked;
    }

    private static void check(SettingType type, Set<Class<?>> seen) {
        if (type instanceof SealedType kinds && seen.add(kinds.type())) {
            kinds.byName().forEach((name, kind) -> {
                if (kind.defaultsMethod().isEmpty()) {
                    throw new IllegalStateException(
                            kind.type().getName() + " is a kind (" + name + ") and needs a method 'public static "
                                    + kind.type().getSimpleName() + " defaults()': what it begins with when chosen");
                }
                if (kind.components().stream().anyMatch(c -> c.key().equals(KIND))) {
                    throw new IllegalStateException(kind.type().getName()
                            + " is a kind and must not have a component of the name '" + KIND + "'");
                }
                check(kind, seen);
            });
        } else if (type instanceof RecordType record && seen.add(record.type())) {
            record.components().forEach(c -> check(c.type(), seen));
        }
    }

    /** The record that a value of this type, not null, is. */
    static RecordType recordOf(SettingType type, Object value) {
        return type instanceof RecordType record ? record : new RecordType(value.getClass());
    }

    static String child(String key, String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    /** A list is one setting: it is replaced as a whole. */
    record ListType(SettingType element) implements SettingType {
        public ListType {
            if (!(element instanceof ScalarType) && !(element instanceof ListType)) {
                throw new IllegalStateException(
                        "a list of settings holds numbers, text, paths, enums or lists of them");
            }
        }

        @Override
        public String expected() {
            return "a list in brackets";
        }

        @Override
        public String describe() {
            return "a list in brackets, each " + element.describe();
        }
    }

    /** A record: one setting, or one node, per component. */
    record RecordType(Class<?> type) implements SettingType {
        List<Component> components() {
            return Arrays.stream(type.getRecordComponents()).map(Component::new).toList();
        }

        Optional<Component> component(String key) {
            return components().stream().filter(c -> c.key().equals(key)).findFirst();
        }

        /** Calls the canonical constructor and lets through what it throws. */
        Object construct(List<@Nullable Object> values) {
            Class<?>[] types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            try {
                Constructor<?> canonical = type.getDeclaredConstructor(types);
                canonical.setAccessible(true);
                return canonical.newInstance(values.toArray());
            } catch (InvocationTargetException e) {
                throw unwrapped(e);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot construct " + type.getName(), e);
            }
        }

        /** What the record begins with where nothing is known of it: its {@code public static T defaults()}. */
        Optional<Object> defaults() {
            return defaultsMethod().map(method -> {
                try {
                    method.setAccessible(true);
                    return method.invoke(null);
                } catch (InvocationTargetException e) {
                    throw unwrapped(e);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("cannot call " + method, e);
                }
            });
        }

        Optional<Method> defaultsMethod() {
            return Arrays.stream(type.getDeclaredMethods())
                    .filter(m -> m.getName().equals("defaults") && m.getParameterCount() == 0)
                    .filter(m -> Modifier.isStatic(m.getModifiers()) && Modifier.isPublic(m.getModifiers()))
                    .filter(m -> m.getReturnType() == type)
                    .findFirst();
        }

        @Override
        public String expected() {
            return "a map of settings ("
                    + String.join(
                            ", ", components().stream().map(Component::key).toList()) + ")";
        }
    }

    /** A sealed interface: one kind for each record that it permits, by the name in its {@code @JsonTypeName}. */
    record SealedType(Class<?> type) implements SettingType {
        Map<String, RecordType> byName() {
            Map<String, RecordType> kinds = new LinkedHashMap<>();
            collect(type, kinds);
            return kinds;
        }

        private void collect(Class<?> from, Map<String, RecordType> kinds) {
            for (Class<?> permitted : from.getPermittedSubclasses()) {
                if (permitted.isSealed()) {
                    collect(permitted, kinds);
                    continue;
                }
                JsonTypeName name = permitted.getAnnotation(JsonTypeName.class);
                if (!permitted.isRecord() || name == null || name.value().isEmpty()) {
                    throw new IllegalStateException(permitted.getName() + " is a kind of " + type.getSimpleName()
                            + " and must be a record with its name in @JsonTypeName");
                }
                RecordType twin = kinds.put(name.value(), new RecordType(permitted));
                if (twin != null) {
                    throw new IllegalStateException(permitted.getName() + " and "
                            + twin.type().getName() + " are both called '" + name.value() + "'");
                }
            }
        }

        RecordType kind(String name) {
            return Objects.requireNonNull(byName().get(name), name);
        }

        String nameOf(Object value) {
            return byName().entrySet().stream()
                    .filter(kind -> kind.getValue().type() == value.getClass())
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(value.getClass() + " is no kind of " + type));
        }

        @Override
        public String expected() {
            return "a map of settings with a kind (" + String.join(", ", byName().keySet()) + ")";
        }
    }

    /** One component of a record. */
    record Component(RecordComponent of) {
        String key() {
            return KeyName.of(of.getName());
        }

        String name() {
            return of.getName();
        }

        SettingType type() {
            try {
                return SettingType.of(of.getGenericType());
            } catch (IllegalStateException e) {
                throw new IllegalStateException(
                        of.getDeclaringRecord().getName() + "." + of.getName() + ": " + e.getMessage(), e);
            }
        }

        boolean isNullable() {
            AnnotatedType type = of.getAnnotatedType();
            return type.isAnnotationPresent(Nullable.class);
        }

        /** The value that files of a version, which do not have the key yet, stand for; empty if they must have it. */
        Optional<String> before(int version) {
            Added added = of.getAnnotation(Added.class);
            return added != null && version < added.in() ? Optional.of(added.before()) : Optional.empty();
        }

        @Nullable Object read(Object record) {
            try {
                Method accessor = of.getAccessor();
                accessor.setAccessible(true);
                return accessor.invoke(record);
            } catch (InvocationTargetException e) {
                throw unwrapped(e);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot read " + of, e);
            }
        }
    }

    private static RuntimeException unwrapped(InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException cause) {
            return cause;
        }
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e.getCause());
    }
}
